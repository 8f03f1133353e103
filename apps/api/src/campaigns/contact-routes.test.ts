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
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, cursorOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client
beforeAll(async () => {
  world = await openApiWorld()
})
beforeEach(async () => {
  workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  client = await world.openClient(workspace.who.workspaceId)
  world.clock.at = noon
})
afterAll(() => world.close())

type Listed = { id: string; phoneNumber: string; state: string }

const contactsIn = async (campaignId: string, query = '') =>
  (await client.send('GET', `/campaigns/${campaignId}/contacts${query}`)).body.data as Listed[]

const read = async (campaignId: string, phoneNumber?: string) => {
  const query = phoneNumber ? `?phoneNumber=${encodeURIComponent(phoneNumber)}` : ''
  const [contact] = await contactsIn(campaignId, query)
  return (await client.send('GET', `/campaigns/${campaignId}/contacts/${contact?.id}`)).body
}
const act = (campaignId: string, action: string) => client.send('POST', `/campaigns/${campaignId}/${action}`)
const claim = (now = noon) => claimForLane(world.deps, { trunkId: workspace.trunkId, now })
const refusal = { kind: 'dial_failed', reached: true, burnsAttempt: true, effect: 'none', fault: 'callee' } as const
const ofBusy = { ...refusal, disposition: 'busy', reason: 'The line was busy.' } as const

describe('GET /campaigns/:id/contacts', () => {
  it('shows where each contact stands, page by page, by state and by number', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 5, settings: { dailyCap: 2 } })
    expect((await contactsIn(campaignId)).map((contact) => contact.state)).toEqual(Array(5).fill('waiting'))
    await start(world, workspace, campaignId)
    await claim()
    const path = `/campaigns/${campaignId}/contacts`
    const first = await client.send('GET', `${path}?limit=3`)
    const second = await client.send('GET', `${path}?limit=3&cursor=${cursorOf(first)}`)
    const all = [...(first.body.data as Listed[]), ...(second.body.data as Listed[])]
    expect(all.map((contact) => contact.state)).toEqual(['claimed', 'claimed', 'waiting', 'waiting', 'waiting'])
    expect(second.body.nextCursor).toBeNull()
    expect(all[0]).toMatchObject({ zones: ['UTC'], attempts: 0, dueAt: noon.toISOString(), finishReason: null })
    expect(await contactsIn(campaignId, '?state=claimed')).toEqual(all.slice(0, 2))
    expect(await contactsIn(campaignId, `?phoneNumber=%2B${all[3]?.phoneNumber.slice(1)}`)).toEqual([all[3]])
  })
})

describe('why a contact is not being called', () => {
  const why = async (campaignId: string) => (await read(campaignId)).why

  it('is what the campaign waits for, or its hours for this person', async () => {
    const settings = { startHour: 9, endHour: 17, localTime: 'contact' } as const
    const zoneKey = 'America/Los_Angeles'
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1, settings, zoneKey })
    expect(await why(campaignId)).toMatchObject({ code: 'not_started' })
    await start(world, workspace, campaignId)
    expect(await why(campaignId)).toMatchObject({ code: 'outside_hours', until: '2026-03-02T17:00:00.000Z' })
    await act(campaignId, 'pause')
    expect(await why(campaignId)).toMatchObject({ code: 'paused', until: null })
  })

  it('is that they are being called, and then when they are called again', async () => {
    const retry = { busy: { attempts: 2, delaySeconds: 600, backoff: 'fixed' } }
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1, settings: { retry } })
    await act(campaignId, 'start')
    expect(await why(campaignId)).toMatchObject({ code: 'not_taken_over' })
    await start(world, workspace, campaignId)
    expect(await why(campaignId)).toMatchObject({ code: 'next' })
    await claim()
    expect(await why(campaignId)).toEqual({
      code: 'about_to_be_dialed',
      reason: 'Their call is about to be dialed.',
      until: noon.toISOString(),
    })
    const [callId = ''] = await permitAll(world, campaignId, noon)
    expect(await why(campaignId)).toMatchObject({ code: 'ringing' })
    await tell(world, callId, { ...ofBusy, at: noon })
    const { why: again, dueAt, attempts } = await read(campaignId)
    expect(again).toEqual({
      code: 'retry_later',
      reason: 'Last time the line was busy. They are called again then.',
      until: dueAt,
    })
    expect(attempts).toBe(1)
    const then = new Date(String(dueAt))
    await claim(then)
    const [second = ''] = await permitAll(world, campaignId, then)
    await tell(world, second, { ...ofBusy, at: then })
    expect(await why(campaignId)).toEqual({
      code: 'exhausted',
      reason: 'They were called 2 times, which is as often as the campaign tries. Last time the line was busy.',
      until: null,
    })
  })

  it('is a number that must not be called, a used up cap, or a trunk at rest', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 3, settings: { dailyCap: 1 } })
    await start(world, workspace, campaignId)
    const [first, second, third] = await contactsIn(campaignId)
    await claim()
    const later = async (contact?: Listed) => (await read(campaignId, contact?.phoneNumber)).why
    expect(await later(second)).toMatchObject({ code: 'daily_cap', until: '2026-03-03T00:00:00.000Z' })
    await client.send('POST', '/suppressions', { json: { phoneNumber: third?.phoneNumber } })
    expect(await later(third)).toMatchObject({ code: 'suppressed', until: null })
    await client.send('PATCH', `/campaigns/${campaignId}`, { json: { dailyCap: null } })
    const [callId = ''] = await permitAll(world, campaignId, noon)
    const tooMany = { ...ofBusy, disposition: 'trunk_error', burnsAttempt: false, effect: 'slow_lane' } as const
    await tell(world, callId, { ...tooMany, reason: 'Too many calls at once.', at: noon })
    await claim()
    const slowed = { reason: 'Too many calls at once.', until: after(2_000).toISOString() }
    expect(await later(second)).toMatchObject(slowed)
    expect(await later(first)).toMatchObject({ code: 'retry_later' })
  })

  it('is that other campaigns called the number as often as the workspace allows', async () => {
    await client.send('PATCH', '/workspace', { json: { attemptLimit: { calls: 1, hours: 24 } } })
    const numbers = ['+15559990001']
    const retry = {}
    const first = await addCampaign(world, workspace, { contacts: numbers, settings: { retry } })
    const second = await addCampaign(world, workspace, { contacts: numbers })
    await start(world, workspace, first.campaignId)
    await claim()
    const [callId = ''] = await permitAll(world, first.campaignId, noon)
    await tell(world, callId, { ...ofBusy, at: noon })
    await start(world, workspace, second.campaignId)
    const reason = expect.stringContaining('1 times in 24 hours')
    expect(await why(second.campaignId)).toMatchObject({ code: 'number_called', reason })
    await claim(after(1_000))
    expect(await why(second.campaignId)).toMatchObject({ code: 'not_due', reason })
  })
})

describe('the log of a contact', () => {
  it('tells its story with that of its campaign and its number, in order', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 2 })
    await start(world, workspace, campaignId)
    await claim()
    const [call] = await callsOf(world, { campaignId })
    await permitAll(world, campaignId, noon)
    const at = after(5_000)
    await tell(
      world,
      call?.id ?? '',
      { kind: 'answered', at },
      { kind: 'agent_report', at, outcome: 'do_not_call' },
      { kind: 'leg_left', at: after(9_000), reason: 'left', wasAnswered: true },
    )
    await act(campaignId, 'pause')
    const contact = await read(campaignId, call?.phoneNumber)
    const log = contact.log as { id: string; kind: string; contactId: string | null }[]
    const kinds = ['campaign_started', 'claimed', 'permitted', 'applied', 'number_suppressed', 'finished']
    expect(log.map((entry) => entry.kind)).toEqual(kinds)
    expect(contact).toMatchObject({ state: 'finished', finishReason: 'suppressed', why: { code: 'suppressed' } })
    const stranger = await world.openClient()
    const foreign = `/campaigns/${campaignId}/contacts/${String(contact.id)}`
    expect(await stranger.send('GET', foreign)).toMatchObject({ status: 404, body: { code: 'not_found' } })
  })

  it('is not that of a contact of another campaign', async () => {
    const [first, second] = [
      await addCampaign(world, workspace, { contacts: 1 }),
      await addCampaign(world, workspace, { contacts: 1 }),
    ]
    const { id } = await read(first.campaignId)
    expect((await client.send('GET', `/campaigns/${second.campaignId}/contacts/${String(id)}`)).status).toBe(404)
  })
})

describe('GET /campaigns/:id/log', () => {
  it('has what was decided about the campaign and its trunk, newest first, page by page', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
    for (const action of ['start', 'pause', 'resume', 'stop']) await act(campaignId, action)
    await client.send('PATCH', `/trunks/${workspace.trunkId}`, { json: { callsPerSecond: 2 } })
    const path = `/campaigns/${campaignId}/log`
    const first = await client.send('GET', `${path}?limit=3`)
    const second = await client.send('GET', `${path}?limit=3&cursor=${cursorOf(first)}`)
    const entries = [...(first.body.data as object[]), ...(second.body.data as object[])]
    const kinds = ['trunk_changed', 'campaign_stopped', 'campaign_resumed', 'campaign_paused', 'campaign_started']
    expect(entries.map((entry) => (entry as { kind: string }).kind)).toEqual(kinds)
    expect(entries.at(-1)).toMatchObject({
      at: noon.toISOString(),
      campaignId,
      trunkId: workspace.trunkId,
      details: { settings: { timezone: 'UTC', dailyCap: null } },
    })
    expect(second.body.nextCursor).toBeNull()
    const wrong = await client.send('GET', `${path}?cursor=nonsense`)
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'cursor' }] } })
  })
})
