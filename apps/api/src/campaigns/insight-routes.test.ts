import { contacts, suppressions } from '@outdial/database/schema/contacts'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  noon,
  permitAll,
  start,
  tell,
  type Workspace,
} from '@outdial/dialing/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
  workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  client = await world.openClient(workspace.who.workspaceId)
})
afterAll(() => world.close())

/** Six calls: one waits, one rings, one talks, one completed with an outcome, one busy, one unanswered. */
async function runCampaign(): Promise<string> {
  const { campaignId } = await addCampaign(world, workspace, {
    contacts: 6,
    settings: { dailyCap: 10, retry: { busy: { attempts: 2, delaySeconds: 600, backoff: 'fixed' } } },
  })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const ids = (await callsOf(world, { campaignId })).map((call) => call.id)
  const [waits, , talks, completed, busy, unanswered] = ids
  const at = after(5_000)
  await permitAll(world, campaignId, noon)
  const told = (id: string | undefined, ...signals: Parameters<typeof tell>[2][]) => tell(world, id ?? '', ...signals)
  await told(talks, { kind: 'answered', at })
  await told(completed, { kind: 'answered', at }, { kind: 'agent_report', at, outcome: 'interested' })
  await told(completed, { kind: 'leg_left', at: after(65_000), reason: 'left', wasAnswered: true })
  const refusal = { kind: 'dial_failed', at, reached: true, burnsAttempt: true, effect: 'none' } as const
  await told(busy, { ...refusal, disposition: 'busy', sipStatusCode: 486, reason: 'Busy' })
  await told(unanswered, { ...refusal, disposition: 'no_answer', sipStatusCode: 480, reason: 'Nobody answered.' })
  expect(waits).toBeDefined()
  return campaignId
}

describe('GET /campaigns/:id/status', () => {
  it('has counters that add up, and the use of the daily cap', async () => {
    const id = await runCampaign()
    const { body, status } = await client.send('GET', `/campaigns/${id}/status`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      executionStatus: 'running',
      contacts: { total: 6, waiting: 1, claimed: 3, finished: 2 },
      calls: { total: 6, pending: 0, calling: 2, answered: 1, completed: 1, failed: 2 },
      today: { day: '2026-03-02', dialed: 6, dailyCap: 10, left: 4 },
      window: { isOpen: true, closesAt: null, nextOpening: null },
    })
  })

  it.each([
    ['is not started', [], 'not_started'],
    ['is paused', ['start', 'pause'], 'paused'],
    ['is stopped', ['start', 'stop'], 'stopped'],
  ])('says that it does not call because it %s', async (_, actions, code) => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 2 })
    for (const action of actions) await client.send('POST', `/campaigns/${campaignId}/${action}`)
    const { body } = await client.send('GET', `/campaigns/${campaignId}/status`)
    expect(body).toMatchObject({ contacts: { finished: 0 }, notCalling: { code, reason: expect.any(String) } })
  })

  it('counts the list before the first start', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 3 })
    const { body } = await client.send('GET', `/campaigns/${campaignId}/status`)
    expect(body.contacts).toEqual({ total: 3, waiting: 3, claimed: 0, finished: 0 })
  })

  it('says when the hours open next, for the zone that opens first', async () => {
    const hours = { startHour: 9, endHour: 17, callingDays: ['monday' as const] }
    const { campaignId, contactListId } = await addCampaign(world, workspace, {
      contacts: 1,
      settings: hours,
      zoneKey: 'America/Los_Angeles',
    })
    await addContacts(contactListId, { count: 1, zoneKey: 'America/New_York' })
    await start(world, workspace, campaignId)
    const { body } = await client.send('GET', `/campaigns/${campaignId}/status`)
    expect(body).toMatchObject({
      window: { isOpen: false, nextOpening: '2026-03-02T14:00:00.000Z' },
      notCalling: { code: 'outside_hours', until: '2026-03-02T14:00:00.000Z' },
    })
  })

  it('tells the law that keeps it from calling, and warns where it does not keep to it', async () => {
    // Seven in the morning in Florida, one o'clock in Paris.
    const { campaignId, contactListId } = await addCampaign(world, workspace, {
      contacts: 1,
      zoneKey: 'US-FL@America/New_York',
    })
    await addContacts(contactListId, { count: 1, zoneKey: 'FR@Europe/Paris' })
    await start(world, workspace, campaignId)
    const closedByLaw = expect.arrayContaining(['Florida: every day 08:00-20:00', expect.stringContaining('France')])
    const { body } = await client.send('GET', `/campaigns/${campaignId}/status`)
    expect(body).toMatchObject({
      window: { isOpen: false, nextOpening: '2026-03-02T13:00:00.000Z', closedByLaw },
      notCalling: { code: 'outside_lawful_hours', until: '2026-03-02T13:00:00.000Z' },
      warnings: [],
    })
    expect(body.notCalling).toMatchObject({ reason: expect.stringContaining('Florida: every day 08:00-20:00') })
    await client.send('PATCH', `/campaigns/${campaignId}`, { json: { jurisdictionRules: 'warn' } })
    const loose = await client.send('GET', `/campaigns/${campaignId}/status`)
    expect(loose.body).toMatchObject({ window: { isOpen: true, closedByLaw }, notCalling: null })
    expect(loose.body.warnings).toEqual([
      { code: 'beyond_lawful_hours', field: 'jurisdictionRules', message: expect.stringContaining('Florida') },
    ])
  })

  it('says why the last claim started nothing', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 2, settings: { dailyCap: 1 } })
    await start(world, workspace, campaignId)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    const { body } = await client.send('GET', `/campaigns/${campaignId}/status`)
    expect(body).toMatchObject({
      today: { left: 0 },
      notCalling: { code: 'waiting', until: '2026-03-03T00:00:00.000Z' },
    })
  })
})

describe('GET /outbound-calls/campaign/:id/stats', () => {
  it('counts by state, disposition and outcome, and says who was reached', async () => {
    const id = await runCampaign()
    const { body, status } = await client.send('GET', `/outbound-calls/campaign/${id}/stats`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      calls: {
        total: 6,
        byStatus: { pending: 0, calling: 2, answered: 1, completed: 1, failed: 2 },
        byDisposition: { completed: 1, busy: 1, no_answer: 1, unknown: 0 },
        byOutcome: { interested: 1, callback: 0 },
      },
      finishedContacts: { total: 2, byReason: { completed: 1, not_retried: 1, exhausted: 0 } },
      reached: { answered: 2, answerRate: 0.3333, talkSeconds: 60, averageTalkSeconds: 60 },
      days: [{ day: '2026-03-02', dialed: 6, answered: 2 }],
      firstCallAt: noon.toISOString(),
    })
  })

  it('has numbers also before the first call', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
    const { body } = await client.send('GET', `/outbound-calls/campaign/${campaignId}/stats`)
    expect(body).toMatchObject({ calls: { total: 0 }, reached: { answerRate: null }, firstCallAt: null, days: [] })
  })
})

describe('POST /campaigns/:id/preview', () => {
  const preview = async (id: string) => (await client.send('POST', `/campaigns/${id}/preview`)).body

  it('counts who can be called, by zone, and estimates the end', async () => {
    const { campaignId, contactListId } = await addCampaign(world, workspace, {
      contacts: 40,
      zoneKey: 'America/New_York',
      settings: { startHour: 9, endHour: 17, callDelayMs: 1_000, timezone: 'America/New_York' },
    })
    await addContacts(contactListId, { count: 20, zoneKey: 'Europe/Paris' })
    await addContacts(contactListId, { count: 1, zoneKey: '' })
    expect(await preview(campaignId)).toMatchObject({
      contacts: { total: 61, callable: 61, suppressed: 0, finished: 0, unreachable: 0 },
      zones: [
        { zones: ['America/New_York'], contacts: 40, isOpen: false, nextOpening: '2026-03-02T14:00:00.000Z' },
        { zones: ['Europe/Paris'], contacts: 20, isOpen: true, nextOpening: '2026-03-02T12:00:00.000Z' },
        { zones: [], contacts: 1 },
      ],
      trunk: { id: workspace.trunkId },
      estimate: {
        callsPerSecond: 1,
        startsAt: '2026-03-02T12:00:00.000Z',
        finishesAt: '2026-03-02T14:00:41.000Z',
      },
      warnings: [{ code: 'unknown_time_zone' }],
    })
  })

  it('says where the law is stricter than the campaign, whether it is enforced or not', async () => {
    const settings = { timezone: 'America/New_York', startHour: 9, endHour: 21 }
    const { campaignId, contactListId } = await addCampaign(world, workspace, {
      contacts: 3,
      zoneKey: 'US-FL@America/New_York',
      settings,
    })
    await addContacts(contactListId, { count: 2, zoneKey: 'US@America/New_York' })
    await addContacts(contactListId, { count: 1, zoneKey: 'Europe/Berlin' })
    const first = await preview(campaignId)
    expect(first.zones).toMatchObject([
      {
        zones: ['America/New_York'],
        rules: ['US-FL'],
        law: ['Florida: every day 08:00-20:00'],
        contacts: 3,
        // a minute early, as windows close
        beyondLawAt: '2026-03-03T00:59:00.000Z',
      },
      { rules: ['US'], contacts: 2, beyondLawAt: null },
      { rules: [], law: [], contacts: 1, beyondLawAt: null },
    ])
    const message = expect.stringMatching(/^3 contacts .*Florida: every day 08:00-20:00/)
    expect(first.warnings).toEqual([{ code: 'hours_cut_by_law', field: 'jurisdictionRules', message }])
    await client.send('PATCH', `/campaigns/${campaignId}`, { json: { jurisdictionRules: 'warn' } })
    expect((await preview(campaignId)).warnings).toEqual([
      { code: 'beyond_lawful_hours', field: 'jurisdictionRules', message },
    ])
  })

  it('counts those of unknown zone, and does not call them where they are skipped', async () => {
    const settings = { timezone: 'America/New_York', unknownTimezone: 'skip' } as const
    const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 3, settings })
    await addContacts(contactListId, { count: 2, zoneKey: '' })
    await addContacts(contactListId, { count: 1, zoneKey: 'US@' })
    expect(await preview(campaignId)).toMatchObject({
      contacts: { total: 6, callable: 3, unreachable: 3, unknownTimezone: 3 },
      warnings: [
        { code: 'unknown_time_zone', field: 'unknownTimezone', message: expect.stringContaining('not called') },
      ],
    })
    await client.send('PATCH', `/campaigns/${campaignId}`, { json: { unknownTimezone: 'campaign' } })
    expect(await preview(campaignId)).toMatchObject({
      contacts: { callable: 6, unreachable: 0, unknownTimezone: 3 },
    })
  })

  it('counts the suppressed and the finished apart', async () => {
    const id = await runCampaign()
    const [call] = await callsOf(world, { campaignId: id, status: 'calling' })
    const { workspaceId } = workspace.who
    await world.db.insert(suppressions).values({ workspaceId, phoneNumber: call?.phoneNumber ?? '', source: 'api' })
    expect((await preview(id)).contacts).toMatchObject({ total: 6, suppressed: 1, finished: 2, callable: 3 })
  })

  it('names the placeholders that contacts have nothing for, and what stands in', async () => {
    const { campaignId } = await addCampaign(world, workspace, {
      contacts: 3,
      settings: {
        campaignPrompt: 'Hello {name} from {{city}}, about {product} and {{ Colour }}',
        metadata: { product: 'shoes' },
        placeholderDefaults: { city: 'your town' },
      },
    })
    const { unfilled, warnings } = await preview(campaignId)
    expect(unfilled).toEqual([
      { placeholder: 'city', contacts: 3, examined: 3, default: 'your town' },
      { placeholder: 'Colour', contacts: 3, examined: 3, default: null },
    ])
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'unfilled_placeholder' }))
  })

  it('looks at questions and at the message for machines too, and misses that message', async () => {
    const { campaignId } = await addCampaign(world, workspace, {
      contacts: 2,
      settings: { questions: ['Since {year}?'], voicemailMessage: 'Call {desk}.', predialUrl: 'https://example.com/' },
    })
    const { unfilled, warnings } = await preview(campaignId)
    expect(unfilled).toMatchObject([{ placeholder: 'year' }, { placeholder: 'desk' }])
    const message = expect.stringContaining('no "year", unless its pre-dial address gives one')
    expect(warnings).toContainEqual(expect.objectContaining({ code: 'unfilled_placeholder', message }))
    const json = { voicemail: 'leave_message', voicemailMessage: '' }
    await client.send('PATCH', `/campaigns/${campaignId}`, { json })
    const warned = (await preview(campaignId)).warnings
    expect(warned).toContainEqual(expect.objectContaining({ code: 'no_voicemail_message', field: 'voicemailMessage' }))
  })

  it('warns of UTC, of numbers the trunk does not have, and of an end that comes too early', async () => {
    const { campaignId } = await addCampaign(world, workspace, {
      contacts: 100,
      settings: { fromNumbers: ['+33123456789'], endAt: after(10_000), callDelayMs: 1_000 },
    })
    const { warnings } = await preview(campaignId)
    expect((warnings as { code: string }[]).map((warning) => warning.code)).toEqual([
      'foreign_from_number',
      'timezone_is_utc',
      'does_not_finish',
    ])
  })

  it('says when there is nobody to call and nothing to call through', async () => {
    const poor = await world.openClient()
    const [assistant, list] = [
      await poor.send('POST', '/assistants', { json: { name: 'Ann', agentName: 'ann' } }),
      await poor.send('POST', '/contact-lists', { json: { name: 'Empty' } }),
    ]
    const source = { assistantId: assistant.body.id, contactSource: 'contact_list', contactListId: list.body.id }
    const json = { name: 'Spring', ...source, callingDays: ['mon'], startHour: 0, endHour: 0 }
    const campaign = await poor.send('POST', '/campaigns', { json })
    const answer = await poor.send('POST', `/campaigns/${idOf(campaign)}/preview`)
    expect(answer.body).toMatchObject({ trunk: null, warnings: [{ code: 'no_trunk' }, { code: 'nobody_to_call' }, {}] })
  })
})

let lastNumber = 0

async function addContacts(contactListId: string, { count, zoneKey }: { count: number; zoneKey: string }) {
  const shared = { contactListId, zoneKey, workspaceId: workspace.who.workspaceId }
  const rows = Array.from({ length: count }, () => ({ ...shared, phoneNumber: `+4930${1_000_000 + lastNumber++}` }))
  await world.db.insert(contacts).values(rows)
}
