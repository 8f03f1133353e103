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
import { listen } from '@outdial/service/http'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, openApiWorld } from '../testing/api-world.ts'
import { readEvents, type EventStream as Stream } from '../testing/read-events.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client
const stopping = new AbortController()

beforeAll(async () => {
  world = await openApiWorld({ stopping: stopping.signal })
  workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  client = await world.openClient(workspace.who.workspaceId)
})
afterAll(() => world.close())

const streams: Stream[] = []
afterEach(async () => {
  for (const stream of streams.splice(0)) await stream.close()
})

async function watch(campaignId: string, lastEventId?: string): Promise<Stream> {
  const headers = { 'x-api-key': client.apiKey, ...(lastEventId ? { 'last-event-id': lastEventId } : {}) }
  const response = await world.app.request(`/api/v1/campaigns/${campaignId}/events`, { headers })
  const stream = readEvents(response)
  streams.push(stream)
  return stream
}

async function runningCampaign(contacts: number): Promise<string> {
  const { campaignId } = await addCampaign(world, workspace, { contacts })
  await start(world, workspace, campaignId)
  return campaignId
}

const claim = () => claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })

describe('GET /campaigns/:id/events', () => {
  it('begins with a snapshot, and tells of every move of a call and of the counters', async () => {
    const campaignId = await runningCampaign(2)
    const stream = await watch(campaignId)
    expect(stream.response.headers.get('content-type')).toBe('text/event-stream')
    expect(await stream.next()).toMatchObject({
      event: 'snapshot',
      data: { status: { executionStatus: 'running', calls: { total: 0 } }, calls: [] },
    })

    await claim()
    const seen = [await stream.until('call'), await stream.until('call')]
    expect(seen.map((event) => event.data.status)).toEqual(['pending', 'pending'])
    expect(await stream.until('status')).toMatchObject({ data: { calls: { total: 2, pending: 2 } } })

    const [call] = await callsOf(world, { campaignId })
    await permitAll(world, campaignId, noon)
    await tell(world, call?.id ?? '', { kind: 'answered', at: after(1_000) })
    const moved = [await stream.until('call'), await stream.until('call')]
    expect(new Set(moved.map((event) => event.data.status))).toEqual(new Set(['answered', 'calling']))
  })

  it('shows calls that are open already in the snapshot, and calls that begin and end between two looks', async () => {
    const campaignId = await runningCampaign(1)
    await claim()
    const stream = await watch(campaignId)
    expect((await stream.next()).data.calls).toEqual([expect.objectContaining({ status: 'pending' })])
    const ids = await permitAll(world, campaignId, noon)
    const refusal = {
      kind: 'dial_failed',
      at: after(1_000),
      reached: true,
      burnsAttempt: true,
      effect: 'none',
    } as const
    await tell(world, ids[0] ?? '', { ...refusal, disposition: 'busy', reason: 'Busy' })
    expect((await stream.until('call')).data).toMatchObject({ status: 'failed', disposition: 'busy' })
  })

  it('goes on after a break with what was missed, and with a snapshot where that is not known', async () => {
    const campaignId = await runningCampaign(1)
    const first = await watch(campaignId)
    const { id } = await first.next()
    await first.close()
    await claim()
    const other = await watch(campaignId)
    await other.until('call')
    const again = await watch(campaignId, id)
    expect((await again.next()).event).toBe('call')
    const stranger = await watch(campaignId, 'another-1')
    expect((await stranger.next()).event).toBe('snapshot')
  })

  it('ends when the campaign is deleted', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
    const stream = await watch(campaignId)
    await client.send('DELETE', `/campaigns/${campaignId}`)
    expect((await stream.until('end')).event).toBe('end')
    await expect(stream.next()).rejects.toThrow('the stream has ended')
  })

  it('answers HEAD without a stream', async () => {
    const campaignId = await runningCampaign(1)
    for (let i = 0; i < 110; i++) {
      const answer = await client.send('HEAD', `/campaigns/${campaignId}/events`)
      expect(answer).toMatchObject({ status: 200, text: '' })
    }
  })

  it('is 404 for a campaign that is not there', async () => {
    expect((await client.send('GET', `/campaigns/${crypto.randomUUID()}/events`)).status).toBe(404)
  })

  it('refuses more streams than a workspace may hold', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
    for (let i = 0; i < 100; i++) await watch(campaignId)
    expect(await client.send('GET', `/campaigns/${campaignId}/events`)).toMatchObject({
      status: 429,
      body: { code: 'too_many_streams' },
    })
  })

  it('lets go of a client that leaves, and ends when the server stops', async () => {
    const campaignId = await runningCampaign(1)
    const server = await listen(world.app, { port: 0, host: '127.0.0.1' })
    const url = `http://127.0.0.1:${server.port}/api/v1/campaigns/${campaignId}/events`
    const headers = { 'x-api-key': client.apiKey }
    for (let i = 0; i < 120; i++) {
      const gone = new AbortController()
      const stream = readEvents(await fetch(url, { headers, signal: gone.signal }))
      expect((await stream.next()).event).toBe('snapshot')
      gone.abort()
      await stream.close().catch(() => {})
    }
    const staying = readEvents(await fetch(url, { headers }))
    expect((await staying.next()).event).toBe('snapshot')
    stopping.abort()
    await staying.until('end')
    await server.close()
  })
})
