import { calls } from '@outdial/database/schema/calls'
import { recordings } from '@outdial/database/schema/recordings'
import { auditLog } from '@outdial/database/schema/workspaces'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
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
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, cursorOf, openApiWorld } from '../testing/api-world.ts'

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

async function callId(): Promise<string> {
  const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const [id = ''] = await permitAll(world, campaignId, noon)
  return id
}

async function recorded(changes: Partial<typeof recordings.$inferInsert> = {}) {
  const id = await callId()
  const { workspaceId } = workspace.who
  const file = { bucket: 'calls', fileKey: `a/${id}.ogg`, location: `s3://calls/a/${id}.ogg` }
  const over = { startedAt: after(1_000), endedAt: after(31_400), durationMs: 30_400, sizeBytes: 90_000 }
  const row = {
    workspaceId,
    callId: id,
    source: 'livekit',
    status: 'complete',
    createdAt: noon,
    ...file,
    ...over,
  } as const
  const [recording] = await world.db
    .insert(recordings)
    .values({ ...row, ...changes })
    .returning()
  return { callId: id, id: recording?.id ?? '' }
}

async function auditOf(id: string) {
  return (await world.db.select().from(auditLog)).filter(({ entityId }) => entityId === id)
}

describe('GET /recordings', () => {
  it('lists them newest first, by call and status', async () => {
    const [first, second] = [await recorded(), await recorded({ status: 'failed', error: 'No space.' })]
    const page = await client.send('GET', '/recordings?limit=1')
    expect(page).toMatchObject({
      status: 200,
      body: { data: [{ id: second.id, status: 'failed', isAvailable: false }] },
    })
    const next = await client.send('GET', `/recordings?limit=1&cursor=${cursorOf(page)}`)
    expect(next.body).toMatchObject({
      data: [{ id: first.id, durationSeconds: 30, sizeBytes: 90_000 }],
      nextCursor: null,
    })
    expect(JSON.stringify(next.body)).not.toMatch(/"(bucket|tries|tryAt|workspaceId)"/)
    for (const query of [`callId=${first.callId}`, 'status=complete', 'to=2026-03-03&status=complete']) {
      const { body } = await client.send('GET', `/recordings?${query}`)
      expect(body.data, query).toMatchObject([{ id: first.id, callId: first.callId }])
    }
  })

  it.each([
    ['status=done', 'status'],
    ['callId=7', 'callId'],
    ['state=complete', 'state'],
    ['from=yesterday', 'from'],
  ])('refuses ?%s', async (query, field) => {
    expect(await client.send('GET', `/recordings?${query}`)).toMatchObject({
      status: 400,
      body: { errors: [{ field }] },
    })
  })
})

describe('GET /recordings/:id', () => {
  it('is what is known of it, and is with its call', async () => {
    const { id, callId } = await recorded()
    const { status, body } = await client.send('GET', `/recordings/${id}`)
    expect([status, body]).toMatchObject([
      200,
      { id, callId, source: 'livekit', status: 'complete', isAvailable: true },
    ])
    const call = await client.send('GET', `/outbound-calls/${callId}`)
    expect(call.body.recordings).toEqual([body])
  })

  it.each(['', '/link'])('answers 404 for one that is not there (%s)', async (path) => {
    expect((await client.send('GET', `/recordings/${crypto.randomUUID()}${path}`)).status).toBe(404)
  })
})

describe('GET /recordings/:id/link', () => {
  it('is good for a while, for this file, and known to the audit log', async () => {
    const { id, callId } = await recorded()
    const { status, body, headers } = await client.send('GET', `/recordings/${id}/link?expiresInSeconds=3600`)
    expect([status, headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(body.expiresAt).toBe('2026-03-02T13:00:00.000Z')
    const url = new URL(String(body.url))
    expect(url.origin + url.pathname).toBe(`https://calls.s3.eu-central-1.amazonaws.com/a/${callId}.ogg`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Expires': '3600',
      'X-Amz-Date': '20260302T120000Z',
      'X-Amz-Signature': expect.stringMatching(/^[\da-f]{64}$/),
      'response-content-type': 'audio/ogg',
    })
    expect(await auditOf(id)).toMatchObject([{ action: 'recording.linked', actor: expect.stringMatching(/^key:/) }])
    expect((await client.send('GET', `/recordings/${id}/link`)).body.expiresAt).toBe('2026-03-02T12:15:00.000Z')
  })

  it.each([
    [{ status: 'recording', endedAt: null }, 'recording_not_ready'],
    [{ status: 'failed', error: 'No space.' }, 'recording_failed'],
    [{ deleteRequestedAt: noon }, 'recording_deleted'],
    [{ bucket: null }, 'recording_elsewhere'],
  ] as const)('answers 409 where there is nothing to listen to: %j', async (changes, code) => {
    const { id } = await recorded(changes)
    expect(await client.send('GET', `/recordings/${id}/link`)).toMatchObject({ status: 409, body: { code } })
  })

  it.each(['59', '604801', 'x', '60&for=me'])('refuses expiresInSeconds=%s', async (text) => {
    const { id } = await recorded()
    expect((await client.send('GET', `/recordings/${id}/link?expiresInSeconds=${text}`)).status).toBe(400)
  })
})

describe('DELETE /recordings/:id', () => {
  it('ends all listening at once, and leaves the file to the scheduler; again is the same', async () => {
    const { id } = await recorded()
    for (const _ of ['once', 'again']) {
      const answer = await client.send('DELETE', `/recordings/${id}`)
      expect(answer).toMatchObject({ status: 202, body: { status: 'complete', isAvailable: false } })
      expect(answer.body.deleteRequestedAt).toBe(noon.toISOString())
    }
    expect(await client.send('GET', `/recordings/${id}/link`)).toMatchObject({ status: 409 })
    const rows = await world.db.select().from(recordings)
    expect(rows.find((row) => row.id === id)).toMatchObject({ tryAt: noon, deletedAt: null })
    expect((await auditOf(id)).map((entry) => entry.action)).toEqual(['recording.deleted'])
  })

  it('forgets where the file of somebody else is', async () => {
    const { id } = await recorded({ bucket: null })
    const { body } = await client.send('DELETE', `/recordings/${id}`)
    expect(body).toMatchObject({ status: 'deleted', location: null, deletedAt: noon.toISOString() })
  })

  it('answers 409 while it is being made', async () => {
    const { id } = await recorded({ status: 'recording' })
    const answer = await client.send('DELETE', `/recordings/${id}`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'recording_under_way' } })
  })
})

describe('where no storage is set', () => {
  it('there are no links and no campaigns to record, and it says what is missing', async () => {
    const other = await openApiWorld({ isRecording: false })
    const owner = await addWorkspace(other)
    const { workspaceId } = owner.who
    const there = await other.openClient(workspaceId)
    const [call] = await other.db
      .insert(calls)
      .values({ workspaceId, origin: 'single', phoneNumber: '+14155550100', roomName: 'call-1' })
      .returning()
    const row = { workspaceId, callId: call?.id ?? '', source: 'livekit', status: 'complete' } as const
    const [recording] = await other.db
      .insert(recordings)
      .values({ ...row, bucket: 'calls', fileKey: 'a.ogg' })
      .returning()
    const { campaignId } = await addCampaign(other, owner, { contacts: 0 })
    const change = await there.send('PATCH', `/campaigns/${campaignId}`, { json: { recording: true } })
    expect(change).toMatchObject({ status: 422, body: { errors: [{ field: 'recording', code: 'not_set_up' }] } })
    const answer = await there.send('GET', `/recordings/${recording?.id}/link`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'recording_storage_missing' } })
    expect(String(answer.body.detail)).toContain('LIVEKIT_EGRESS_S3_BUCKET')
    await other.close()
  })
})

it('a campaign says whether it is recorded', async () => {
  const { campaignId } = await addCampaign(world, workspace, { contacts: 0 })
  expect((await client.send('GET', `/campaigns/${campaignId}`)).body.recording).toBeNull()
  const change = (recording: unknown) => client.send('PATCH', `/campaigns/${campaignId}`, { json: { recording } })
  expect(await change(true)).toMatchObject({ status: 200, body: { recording: true } })
  expect(await change('yes')).toMatchObject({ status: 400, body: { errors: [{ field: 'recording' }] } })
})

it('a workspace says how long it keeps what', async () => {
  const keep = { recordingRetentionDays: 30, transcriptRetentionDays: 90 }
  expect((await client.send('PATCH', '/workspace', { json: keep })).body).toMatchObject(keep)
  expect((await client.send('GET', '/workspace')).body).toMatchObject(keep)
  const forGood = { recordingRetentionDays: null }
  expect((await client.send('PATCH', '/workspace', { json: forGood })).body).toMatchObject({ ...keep, ...forGood })
  const answer = await client.send('PATCH', '/workspace', { json: { recordingRetentionDays: 0 } })
  expect(answer).toMatchObject({ status: 400, body: { errors: [{ field: 'recordingRetentionDays' }] } })
})

it('what LiveKit tells of a recording is in the timeline of its call', async () => {
  const id = await callId()
  const file = { fileKey: 'x.ogg', externalId: `EG_${id}` }
  await tell(world, id, { kind: 'recording', at: after(1_000), source: 'livekit', status: 'starting', ...file })
  const { body } = await client.send('GET', `/outbound-calls/${id}`)
  expect(body.timeline).toContainEqual(expect.objectContaining({ event: 'recording' }))
  expect(body.recordings).toMatchObject([{ status: 'starting', externalId: `EG_${id}`, isAvailable: false }])
})
