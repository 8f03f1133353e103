import { contacts } from '@outdial/database/schema/contacts'
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
import { type ApiWorld, type Client, cursorOf, idOf, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  client = await world.openClient(workspace.who.workspaceId)
  world.clock.at = noon
})

const questions = ['Do you live in {city}?', 'How many are you?']

type Told = { answers?: Record<string, unknown>; outcome?: 'interested' | 'not_interested' }

/** A campaign that called one contact per entry, each of whom said what the entry says. */
async function runCampaign(told: Told[]): Promise<{ campaignId: string; ids: string[] }> {
  const { campaignId } = await addCampaign(world, workspace, {
    contacts: told.length,
    settings: {
      questions,
      campaignPrompt: 'Talk to {name} of {city} about {product}.',
      metadata: { product: 'shoes' },
    },
  })
  await world.db.update(contacts).set({ variables: { City: 'Rome' } })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  await permitAll(world, campaignId, noon)
  const ids = (await callsOf(world, { campaignId })).map((call) => call.id).toSorted()
  for (const [i, { answers, outcome }] of told.entries()) {
    await tell(world, ids[i] ?? '', { kind: 'answered', at: after(5_000) })
    await tell(world, ids[i] ?? '', { kind: 'agent_report', at: after(20_000), answers, outcome })
  }
  return { campaignId, ids }
}

describe('GET /campaigns/:id/answers', () => {
  it('is a table of the questions, whatever the agent called them', async () => {
    const { campaignId, ids } = await runCampaign([
      { answers: { 'Do you live in Rome?': 'Yes', q2: 20 }, outcome: 'interested' },
      {},
      { answers: { 'how many are you': 3, budget: '-5' }, outcome: 'not_interested' },
    ])
    const { status, body } = await client.send('GET', `/campaigns/${campaignId}/answers`)
    expect(status).toBe(200)
    expect(body).toMatchObject({
      questions,
      nextCursor: null,
      data: [
        { id: ids[2], outcome: 'not_interested', answers: [null, '3'], otherAnswers: { budget: '-5' } },
        { id: ids[0], outcome: 'interested', answers: ['Yes', '20'], otherAnswers: {} },
      ],
    })
    const page = await client.send('GET', `/campaigns/${campaignId}/answers?limit=1`)
    const next = await client.send('GET', `/campaigns/${campaignId}/answers?limit=1&cursor=${cursorOf(page)}`)
    expect(next.body).toMatchObject({ questions, data: [{ id: ids[0] }], nextCursor: null })
    const some = await client.send('GET', `/campaigns/${campaignId}/answers?outcome=interested`)
    expect(some.body).toMatchObject({ data: [{ id: ids[0] }] })
  })

  it('is a CSV that runs no formula and keeps numbers readable', async () => {
    const { campaignId, ids } = await runCampaign([
      { answers: { 'Do you live in Rome?': '=HYPERLINK("http://x","y")', '@budget': '-5', q1: 'again' } },
      { answers: { 2: '+49 is my code; =1+1' } },
    ])
    for (const [query, headers] of [
      ['', { accept: 'text/csv' }],
      ['?format=csv', {}],
    ] as [string, Record<string, string>][]) {
      const answer = await client.send('GET', `/campaigns/${campaignId}/answers${query}`, { headers })
      expect(answer.headers.get('content-type')).toContain('text/csv')
      const [columns, second, first] = answer.text.split('\r\n')
      expect(columns).toBe(
        `id,externalId,contactName,phoneNumber,answeredAt,outcome,summary,${questions.join(',')},'@budget,otherAnswers`,
      )
      expect(first).toMatch(new RegExp(`^${ids[0]},,Contact \\+1555\\d{7},'\\+1555\\d{7},2026-`))
      expect(first).toContain(`,"'=HYPERLINK(""http://x"",""y"")",,'-5,"{""q1"":""again""}"`)
      expect(second).toMatch(/,,"'\+49 is my code; '=1\+1",,$/)
    }
  })

  it('has its columns where nobody answered yet, and is 404 for a foreign campaign, also as CSV', async () => {
    const { campaignId } = await runCampaign([{}])
    const csv = await client.send('GET', `/campaigns/${campaignId}/answers?format=csv`)
    expect(csv.text.trim().split('\r\n')).toHaveLength(1)
    const stranger = await world.openClient()
    for (const format of ['json', 'csv']) {
      expect((await stranger.send('GET', `/campaigns/${campaignId}/answers?format=${format}`)).status).toBe(404)
    }
  })

  it.each([
    ['outcome=delighted', 'outcome'],
    ['from=yesterday', 'from'],
    ['format=xls', 'format'],
    ['answered=true', 'answered'],
    ['cursor=x', 'cursor'],
  ])('refuses ?%s', async (query, field) => {
    const { campaignId } = await runCampaign([{}])
    const answer = await client.send('GET', `/campaigns/${campaignId}/answers?${query}`)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })

  it('is refused without a key', async () => {
    const headers = { 'x-api-key': 'wrong' }
    expect((await client.send('GET', `/campaigns/${crypto.randomUUID()}/answers`, { headers })).status).toBe(401)
  })
})

describe('GET /outbound-calls/:id', () => {
  it('tells the questions as they were asked, with their answers', async () => {
    const { ids } = await runCampaign([{ answers: { 'Do you live in Rome?': 'Yes' } }])
    const { body } = await client.send('GET', `/outbound-calls/${ids[0]}`)
    expect(body.questions).toEqual([
      { question: 'Do you live in Rome?', answer: 'Yes' },
      { question: 'How many are you?', answer: null },
    ])
  })

  it("has a single call's own questions", async () => {
    const { assistantId } = workspace
    const json = { phoneNumber: '+15551230000', assistantId, metadata: { questions: ['Is {name} in?'], name: 'Ada' } }
    const call = await client.send('POST', '/outbound-calls/initiate', { json })
    const { body } = await client.send('GET', `/outbound-calls/${idOf(call)}`)
    expect(body.questions).toEqual([{ question: 'Is Ada in?', answer: null }])
  })
})

describe('GET /campaigns/:id/contacts/:contactId/briefing', () => {
  it('is what the agent would be told, with what is missing', async () => {
    const { campaignId } = await runCampaign([{}])
    const [call] = await callsOf(world, { campaignId })
    const json = { campaignPrompt: 'Talk to {name} of {city} about {product} in {colour} or {size}.' }
    await client.send('PATCH', `/campaigns/${campaignId}`, { json: { ...json, placeholderDefaults: { Size: '42' } } })
    const { status, body } = await client.send('GET', `/campaigns/${campaignId}/contacts/${call?.contactId}/briefing`)
    expect(status).toBe(200)
    expect(body).toEqual({
      prompt: `Talk to ${call?.contactName} of Rome about shoes in  or 42.`,
      greeting: '',
      aiDisclosure: '',
      questions: ['Do you live in Rome?', 'How many are you?'],
      voicemailMessage: '',
      missing: [
        { placeholder: 'colour', default: null },
        { placeholder: 'size', default: '42' },
      ],
      variables: { City: 'Rome' },
    })
  })

  it('is 404 for a contact of another campaign, and for strangers', async () => {
    const { campaignId } = await runCampaign([{}])
    const [call] = await callsOf(world, { campaignId })
    const other = await addCampaign(world, workspace, { contacts: 1 })
    const stranger = await world.openClient()
    const path = (id: string) => `/campaigns/${id}/contacts/${call?.contactId}/briefing`
    expect((await client.send('GET', path(other.campaignId))).status).toBe(404)
    expect((await stranger.send('GET', path(campaignId))).status).toBe(404)
  })
})
