import { calls, notices, signals } from '@outdial/database/schema/calls'
import { eventLog } from '@outdial/database/schema/event-log'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import { forget } from '@outdial/dialing/sweep/forget'
import {
  addCampaign,
  addWorkspace,
  after,
  noon,
  permitAll,
  start,
  tell,
  type Workspace,
} from '@outdial/dialing/testing'
import type { Signal } from '@outdial/policy/signal'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, openApiWorld } from '../testing/api-world.ts'

const stopping = new AbortController()
let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld({ stopping: stopping.signal })
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  client = await world.openClient(workspace.who.workspaceId)
  world.clock.at = noon
})

async function talking(): Promise<string> {
  const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const [id = ''] = await permitAll(world, campaignId, noon)
  await tell(world, id, { kind: 'answered', at: after(5_000) })
  return id
}

const said = (seconds: number, text: string, { id = text, isFinal = true } = {}): Signal => {
  const at = after(seconds * 1_000)
  return { kind: 'said', at, line: { id, speaker: 'callee', text, at, isFinal } }
}
const report = (seconds: number, ...texts: string[]): Signal => {
  const transcript = texts.map((text, n) => ({ speaker: 'agent' as const, text, at: after(6_000 + n) }))
  return { kind: 'agent_report', at: after(seconds * 1_000), outcome: 'interested', summary: 'Wants two.', transcript }
}
const hangUp: Signal = { kind: 'leg_left', at: after(35_000), reason: 'left', wasAnswered: true }

async function over(...told: Signal[]): Promise<string> {
  const id = await talking()
  for (const signal of [...told, hangUp]) await tell(world, id, signal)
  return id
}

describe('GET /outbound-calls/:id/transcript', () => {
  it('grows while the call goes on, and ends as the agent reports it', async () => {
    const id = await talking()
    const read = async () => (await client.send('GET', `/outbound-calls/${id}/transcript`)).body
    expect(await read()).toEqual({ callId: id, isOver: false, isReported: false, deletedAt: null, lines: [] })
    await tell(world, id, said(6, 'I would', { id: 'SG_1', isFinal: false }))
    expect(await read()).toMatchObject({
      lines: [{ speaker: 'callee', text: 'I would', at: after(6_000).toISOString(), isInterim: true }],
    })
    await tell(world, id, said(8, 'I would like two.', { id: 'SG_1' }))
    expect((await read()).lines).toEqual([
      { speaker: 'callee', text: 'I would like two.', at: after(6_000).toISOString() },
    ])
    await tell(world, id, report(30, 'Hello', 'Good bye'))
    await tell(world, id, hangUp)
    expect(await read()).toMatchObject({
      isOver: true,
      isReported: true,
      lines: [{ text: 'Hello' }, { text: 'Good bye' }],
    })
    const call = await client.send('GET', `/outbound-calls/${id}`)
    expect(call.body.transcript).toMatchObject([{ text: 'Hello' }, { text: 'Good bye' }])
    expect((call.body.timeline as { event: string }[]).map(({ event }) => event)).not.toContain('said')
  })

  it.each(['', '/events'])('answers 404 for a call that is not there (%s)', async (path) => {
    expect((await client.send('GET', `/outbound-calls/${crypto.randomUUID()}/transcript${path}`)).status).toBe(404)
  })
})

describe('GET /outbound-calls/:id/transcript/events', () => {
  it('tells what is said as it is said', async () => {
    const id = await talking()
    const headers = { 'x-api-key': client.apiKey }
    const answer = await world.app.request(`/api/v1/outbound-calls/${id}/transcript/events`, { headers })
    expect(answer.headers.get('content-type')).toBe('text/event-stream')
    const reader = (answer.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    const until = async (wanted: string) => {
      while (!text.includes(wanted)) text += (await reader.read()).value ?? ''
    }
    await until('"lines":[]')
    await tell(world, id, said(6, 'Who is there?'))
    await until('"text":"Who is there?"')
    await reader.cancel()
    expect(text).toMatch(/^event: transcript$/m)
  })

  it('ends at once for words that were erased', async () => {
    const id = await over(report(30, 'Hello'))
    await client.send('DELETE', `/outbound-calls/${id}/transcript`)
    const { text } = await client.send('GET', `/outbound-calls/${id}/transcript/events`)
    expect(text).toMatch(/"lines":\[\]}\n\nevent: end\ndata: {}\n\n$/)
  })
})

describe('GET /calls?said=', () => {
  it('finds calls by their words, live or reported, in their own workspace', async () => {
    const live = await over(said(6, 'Please send the invoice to my office'), said(7, 'Grazie'))
    const reported = await over(report(30, 'About the invoice for the Müller account', 'Thank you'))
    const find = async (words: string) => {
      const { body } = await client.send('GET', `/calls?said=${encodeURIComponent(words)}`)
      return (body.data as { id: string }[]).map(({ id }) => id)
    }
    expect(await find('INVOICE')).toEqual([reported, live])
    expect(await find('office invoice')).toEqual([live])
    expect(await find('"invoice for"')).toEqual([reported])
    expect(await find('invoice -office')).toEqual([reported])
    expect(await find('müller or grazie')).toEqual([reported, live])
    expect(await find('refund')).toEqual([])
    for (const odd of ["'; drop table calls", '& | ! ( ) :*', '\\']) expect(await find(odd)).toEqual([])
    const csv = await client.send('GET', '/calls?said=grazie&format=csv')
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(2)
    const stranger = await world.openClient()
    expect((await stranger.send('GET', '/calls?said=invoice')).body.data).toEqual([])
    expect((await client.send('GET', '/calls?said=')).status).toBe(400)
  })

  it('finds a call by what it became, and not by what it was', async () => {
    const id = await over(report(30, 'Hello wold'))
    await tell(world, id, report(40, 'Hello world', 'Bye'))
    const found = async (words: string) => (await client.send('GET', `/calls?said=${words}`)).body.data
    expect(await found('world')).toMatchObject([{ id }])
    expect(await found('wold')).toEqual([])
  })
})

/** Everything the database keeps of a call, as text. */
async function kept(id: string): Promise<string> {
  const rows = [
    ...(await world.db.select().from(calls)).filter((row) => row.id === id),
    ...(await world.db.select().from(signals)).filter(({ callId }) => callId === id),
    ...(await world.db.select().from(notices)).filter(({ callId }) => callId === id),
    ...(await world.db.select().from(eventLog)).filter(({ callId }) => callId === id),
  ]
  return JSON.stringify(rows)
}

describe('DELETE /outbound-calls/:id/transcript', () => {
  it('erases the words wherever they are, and takes no others', async () => {
    const id = await over(said(6, 'my secret number'), report(30, 'a secret', 'more'))
    expect(await kept(id)).toContain('secret')
    expect((await client.send('DELETE', `/outbound-calls/${id}/transcript`)).status).toBe(204)
    expect(await kept(id)).not.toContain('secret')
    await tell(world, id, report(50, 'another secret', 'x', 'y'))
    await tell(world, id, said(51, 'a secret again'))
    const { body } = await client.send('GET', `/outbound-calls/${id}`)
    expect(body).toMatchObject({ transcript: null, outcome: 'interested', summary: 'Wants two.' })
    expect((await client.send('GET', '/calls?said=secret')).body.data).toEqual([])
    expect((await client.send('GET', `/outbound-calls/${id}/transcript`)).body).toMatchObject({
      deletedAt: noon.toISOString(),
      lines: [],
    })
  })

  it('answers 409 while the call goes on, 404 where there is none', async () => {
    const id = await talking()
    const answer = await client.send('DELETE', `/outbound-calls/${id}/transcript`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'call_not_over' } })
    expect((await client.send('DELETE', `/outbound-calls/${crypto.randomUUID()}/transcript`)).status).toBe(404)
  })
})

describe('what has been kept long enough', () => {
  it('goes from the workspaces that say so, by its age', async () => {
    const id = await over(report(30, 'an old secret'))
    const later = (days: number) => ({ now: after(days * 86_400_000), realNow: new Date(), eventLogDays: null })
    const other = workspace
    workspace = await addWorkspace(world)
    const theirs = await over(report(30, 'another secret'))
    workspace = other
    await client.send('PATCH', '/workspace', { json: { transcriptRetentionDays: 30 } })
    expect(await forget(world.deps, later(29))).toMatchObject({ transcripts: 0 })
    expect(await forget(world.deps, later(31))).toMatchObject({ transcripts: 1 })
    expect(await forget(world.deps, later(31))).toMatchObject({ transcripts: 0 })
    expect(await kept(id)).not.toContain('secret')
    expect(await kept(theirs)).toContain('another secret')
  })
})
