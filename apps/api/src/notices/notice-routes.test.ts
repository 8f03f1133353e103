import { createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { noticeEndpoints } from '@outdial/database/schema/notices'
import { auditLog, idempotencyKeys } from '@outdial/database/schema/workspaces'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import { deliverNotices } from '@outdial/dialing/notices/deliver-notices'
import { createEndpoint } from '@outdial/dialing/notices/endpoints'
import { loggedEvents } from '@outdial/dialing/notices/notices'
import { addCampaign, addWorkspace, after, permitAll, start, tell, type Workspace } from '@outdial/dialing/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Answer, type ApiWorld, type Client, cursorOf, idOf, openApiWorld, send } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client
let server: Server
let url: string
let status: number
let received: { headers: IncomingHttpHeaders; text: string }[]

beforeAll(async () => {
  world = await openApiWorld()
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      received.push({ headers: request.headers, text: Buffer.concat(chunks).toString() })
      response.writeHead(status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  // A public name, as far as the API can see; the postman of these tests is told where it leads.
  url = `http://receiver.example.com:${(server.address() as AddressInfo).port}/hook`
})
afterAll(async () => {
  server.close()
  await world.close()
})
beforeEach(async () => {
  status = 200
  received = []
  workspace = await addWorkspace(world)
  client = await world.openClient(workspace.who.workspaceId)
})

function deliver(): Promise<number> {
  const deps = { ...world.deps, allowPrivateNotices: true }
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }]
  return deliverNotices(deps, { now: () => world.clock.at, realNow: () => new Date() }, { resolve })
}

const add = (json: object = {}) => client.send('POST', '/notice-endpoints', { json: { url, ...json } })
const noticesOf = (answer: Answer) => answer.body.data as { id: string; event: string; status: string }[]

/** Lets something happen of which the workspace is told: a campaign starts. */
async function startCampaign(): Promise<string> {
  const { campaignId } = await addCampaign(world, workspace, { contacts: 0 })
  await start(world, { ...workspace, who: { ...workspace.who, now: world.clock.at } }, campaignId)
  return campaignId
}

describe('/notice-endpoints', () => {
  it('are created with a secret that is shown once, read, replaced, changed and deleted', async () => {
    const made = await add({ description: 'Ours', events: ['call.ended'] })
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ url, description: 'Ours', events: ['call.ended'], active: true, assistantId: null },
        ...{ failingSince: null, switchedOffAt: null, switchedOffReason: null },
        secret: expect.stringMatching(/^whsec_[\w+/]{43}=$/),
      },
    })
    const { secret, ...shown } = made.body
    const path = `/notice-endpoints/${idOf(made)}`
    expect(await client.send('GET', path)).toMatchObject({ status: 200, body: shown })
    const list = await client.send('GET', '/notice-endpoints')
    expect(list.body).toEqual({ data: [shown], nextCursor: null })
    expect(list.text).not.toContain(secret)
    const replaced = await client.send('PUT', path, { json: { url: 'https://other.example.com/' } })
    expect(replaced).toMatchObject({ status: 200, body: { description: '', events: null, active: true } })
    const off = await client.send('PATCH', path, { json: { active: false } })
    expect(off).toMatchObject({ status: 200, body: { active: false, switchedOffReason: 'by_request' } })
    const on = await client.send('PATCH', path, { json: { active: true } })
    expect(on.body).toMatchObject({ active: true, switchedOffAt: null, switchedOffReason: null })
    expect((await client.send('DELETE', path)).status).toBe(204)
    expect((await client.send('GET', path)).status).toBe(404)
    expect((await client.send('DELETE', path)).status).toBe(404)
    const audited = (await world.db.select().from(auditLog)).filter(({ entityId }) => entityId === idOf(made))
    expect(audited.map(({ action }) => action)).toEqual(
      ['created', 'changed', 'changed', 'changed', 'archived'].map((action) => `notice_endpoint.${action}`),
    )
    expect(JSON.stringify(audited)).not.toContain(secret)
  })

  it.each([
    [{ url: 'nonsense' }, 'url'],
    [{ url: 'ftp://example.com/' }, 'url'],
    [{ url: 'https://user:pass@example.com/' }, 'url'],
    [{ url: `https://example.com/${'x'.repeat(2_000)}` }, 'url'],
    [{ events: [] }, 'events'],
    [{ events: ['call.rang'] }, 'events.0'],
    [{ secret: 'whsec_short' }, 'secret'],
    [{ colour: 'blue' }, 'colour'],
    [{ active: 'yes' }, 'active'],
  ])('refuse %j', async (input, field) => {
    expect(await add(input)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })

  it.each([
    ...['http://127.0.0.1/', 'http://2130706433/', 'http://0x7f.1/', 'http://0177.0.0.1/', 'http://[::1]/'],
    ...['http://[::ffff:10.0.0.1]/', 'http://localhost:5678/', 'http://169.254.169.254/latest/', 'https://10.0.0.7/'],
    ...['http://[fd00::1]/', 'http://[fe80::1]/', 'http://1.localhost/', 'http://１２７.0.0.1/'],
  ])('refuse the private address of %s', async (privateUrl) => {
    const refusal = { status: 422, body: { errors: [{ field: 'url', code: 'private_address' }] } }
    expect(await add({ url: privateUrl })).toMatchObject(refusal)
    const path = `/notice-endpoints/${idOf(await add())}`
    expect(await client.send('PATCH', path, { json: { url: privateUrl } })).toMatchObject(refusal)
    expect(await client.send('PUT', path, { json: { url: privateUrl } })).toMatchObject(refusal)
    const assistant = { name: 'Bea', agentName: 'bea', assistantEndCallUrl: privateUrl }
    const fields = [{ field: 'assistantEndCallUrl', code: 'private_address' }]
    const refused = await client.send('POST', '/assistants', { json: assistant })
    expect(refused).toMatchObject({ status: 422, body: { errors: fields } })
  })

  it('may be private where the operator allows it', async () => {
    const settings = { url: 'http://127.0.0.1:5678/', events: null, description: '', active: true }
    const deps = { ...world.apiDeps, allowPrivateNotices: true }
    expect(await createEndpoint(deps, workspace.who, settings)).toMatchObject({ url: settings.url })
  })

  it('are fifty at the most', async () => {
    const rows = Array.from({ length: 50 }, () => ({ workspaceId: client.workspaceId, url, secret: 'whsec_x' }))
    await world.db.insert(noticeEndpoints).values(rows)
    expect(await add()).toMatchObject({ status: 409, body: { code: 'too_many_endpoints' } })
  })

  it('keep the secret that somebody brings, and a repeat of the request gets the same answer', async () => {
    const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
    const headers = { 'idempotency-key': 'one' }
    const send = () => client.send('POST', '/notice-endpoints', { json: { url, secret }, headers })
    const [first, second] = [await send(), await send()]
    expect(first.body.secret).toBe(secret)
    expect(second).toMatchObject({ status: 201, body: first.body })
    expect((await client.send('GET', '/notice-endpoints')).body.data).toHaveLength(1)
    const kept = await world.db.select().from(idempotencyKeys)
    expect(JSON.stringify(kept)).not.toContain('MfKQ9r8')
  })

  it('that are end-call URLs follow their assistant, and give out a secret', async () => {
    const assistantEndCallUrl = 'https://crm.example.com/end'
    const assistant = await client.send('POST', '/assistants', {
      json: { name: 'Bea', agentName: 'bea', assistantEndCallUrl },
    })
    const { body } = await client.send('GET', '/notice-endpoints')
    const [own] = body.data as { id: string; assistantId: string }[]
    expect(own).toMatchObject({ assistantId: idOf(assistant), url: assistantEndCallUrl, events: ['call.ended'] })
    const path = `/notice-endpoints/${own?.id}`
    const refusal = { status: 409, body: { code: 'follows_assistant', assistantId: idOf(assistant) } }
    expect(await client.send('PUT', path, { json: { url } })).toMatchObject(refusal)
    expect(await client.send('PATCH', path, { json: { url } })).toMatchObject(refusal)
    expect(await client.send('DELETE', path)).toMatchObject(refusal)
    expect(await client.send('PATCH', path, { json: { active: false } })).toMatchObject({ status: 200 })
    const rotated = await client.send('POST', `${path}/rotate-secret`)
    expect(rotated).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_/) } })
  })

  it('send a test, whatever they want to hear of', async () => {
    const made = await add({ events: ['call.ended'] })
    const path = `/notice-endpoints/${idOf(made)}/test`
    const test = await client.send('POST', path, { headers: { 'idempotency-key': 'test' } })
    expect(test).toMatchObject({
      status: 202,
      body: { event: 'notice.test', status: 'sending', deliveries: [{ status: 'pending', tries: 0, log: [] }] },
    })
    expect((await client.send('POST', path, { headers: { 'idempotency-key': 'test' } })).body.id).toBe(idOf(test))
    expect(await deliver()).toBe(1)
    const [got] = received
    expect(got?.headers['webhook-id']).toBe(idOf(test))
    const signed = `${idOf(test)}.${String(got?.headers['webhook-timestamp'])}.${got?.text}`
    const key = Buffer.from(String(made.body.secret).slice(6), 'base64')
    const signature = `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
    expect(got?.headers['webhook-signature']).toBe(signature)
    expect(await client.send('GET', `/notices/${idOf(test)}`)).toMatchObject({
      status: 200,
      body: { status: 'delivered', deliveries: [{ status: 'delivered', tries: 1, lastStatus: 200, nextTryAt: null }] },
    })
  })

  it('that are off can be sent nothing', async () => {
    const path = `/notice-endpoints/${idOf(await add({ active: false }))}`
    const refusal = { status: 409, body: { code: 'endpoint_off' } }
    expect(await client.send('POST', `${path}/test`)).toMatchObject(refusal)
    expect(await client.send('POST', `${path}/redeliver`)).toMatchObject(refusal)
  })
})

describe('/notices', () => {
  it('are listed with what became of them, by event, status, endpoint, campaign and call', async () => {
    const [first, second] = [await add(), await add({ events: ['call.ended'] })]
    const campaigns = [await startCampaign(), await startCampaign()]
    await deliver()
    status = 500
    await startCampaign()
    await deliver()
    const { body } = await client.send('GET', '/notices')
    expect(body.data).toMatchObject([
      {
        ...{ event: 'campaign.started', status: 'sending', callId: null },
        deliveries: [
          {
            ...{ endpointId: idOf(first), url, status: 'pending', tries: 1, lastStatus: 500 },
            ...{ lastError: 'It answered 500.', nextTryAt: expect.any(String) },
          },
        ],
      },
      { status: 'delivered', campaignId: campaigns[1], deliveries: [{ status: 'delivered', lastError: null }] },
      { status: 'delivered', campaignId: campaigns[0] },
    ])
    const count = async (query: string) => noticesOf(await client.send('GET', `/notices?${query}`)).length
    expect(await count('status=delivered')).toBe(2)
    expect(await count('event=campaign.started')).toBe(3)
    expect(await count('event=call.ended')).toBe(0)
    expect(await count(`campaignId=${campaigns[0]}`)).toBe(1)
    expect(await count(`endpointId=${idOf(first)}`)).toBe(3)
    expect(await count(`endpointId=${idOf(second)}`)).toBe(0)
    expect(await count(`callId=${crypto.randomUUID()}`)).toBe(0)
    const page = await client.send('GET', '/notices?limit=2')
    expect(noticesOf(await client.send('GET', `/notices?limit=2&cursor=${cursorOf(page)}`))).toHaveLength(1)
  })

  it.each(['status=waiting', 'event=call.rang', 'callId=1', 'colour=blue'])('refuse to filter by %s', async (query) => {
    expect((await client.send('GET', `/notices?${query}`)).status).toBe(400)
  })

  it('show their body and every try', async () => {
    await add()
    const campaignId = await startCampaign()
    await deliver()
    const [notice] = noticesOf(await client.send('GET', '/notices'))
    const answer = await client.send('GET', `/notices/${notice?.id}`)
    expect(answer).toMatchObject({
      status: 200,
      body: {
        payload: {
          success: true,
          type: 'campaign.started',
          data: { campaign_id: campaignId, campaign_name: 'Spring' },
        },
        deliveries: [{ log: [{ at: expect.any(String), status: 200, error: null, durationMs: expect.any(Number) }] }],
      },
    })
    expect(JSON.parse(received[0]?.text ?? '')).toEqual(answer.body.payload)
  })

  it('are sent again under their id, to all or to an endpoint that came later', async () => {
    await add()
    await startCampaign()
    await deliver()
    const [notice] = noticesOf(await client.send('GET', '/notices'))
    const path = `/notices/${notice?.id}/redeliver`
    const again = await client.send('POST', path)
    expect(again).toMatchObject({ status: 202, body: { status: 'sending', deliveries: [{ status: 'pending' }] } })
    await deliver()
    const later = await add()
    const named = await client.send('POST', path, { json: { endpointId: idOf(later) } })
    expect(named.body.deliveries).toMatchObject([{ status: 'delivered' }, { status: 'pending' }])
    await deliver()
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([notice?.id, notice?.id, notice?.id])

    expect(await client.send('POST', path, { json: { endpointId: crypto.randomUUID() } })).toMatchObject({
      status: 404,
    })
    expect(await client.send('POST', path, { json: { endpointId: 'x' } })).toMatchObject({ status: 400 })
    await client.send('PATCH', `/notice-endpoints/${idOf(later)}`, { json: { active: false } })
    const off = await client.send('POST', path, { json: { endpointId: idOf(later) } })
    expect(off).toMatchObject({ status: 409, body: { code: 'endpoint_off' } })
    expect((await client.send('POST', `/notices/${crypto.randomUUID()}/redeliver`)).status).toBe(404)
  })

  it('that an endpoint did not get are all sent again at once', async () => {
    const endpoint = await add()
    for (let count = 0; count < 3; count += 1) await startCampaign()
    status = 500
    await deliver()
    await world.db.execute(`update notice_deliveries set status = 'failed' where endpoint_id = '${idOf(endpoint)}'`)
    await client.send('PATCH', `/notice-endpoints/${idOf(endpoint)}`, { json: { active: true } })
    status = 200
    received = []
    const path = `/notice-endpoints/${idOf(endpoint)}/redeliver`
    const none = await client.send('POST', path, { json: { since: '2199-01-01T00:00:00Z' } })
    expect(none).toMatchObject({ status: 202, body: { redelivered: 0 } })
    expect(await client.send('POST', path)).toMatchObject({ status: 202, body: { redelivered: 3 } })
    await deliver()
    expect(received).toHaveLength(3)
    expect(await client.send('POST', path, { json: { since: 'yesterday' } })).toMatchObject({ status: 400 })
  })

  it('say when they are tried next', async () => {
    await add()
    status = 503
    await startCampaign()
    await deliver()
    const [notice] = noticesOf(await client.send('GET', '/notices')) as unknown as {
      deliveries: { nextTryAt: string }[]
    }[]
    const nextMs = new Date(notice?.deliveries[0]?.nextTryAt ?? '').getTime()
    expect(nextMs).toBeGreaterThanOrEqual(after(5_000, world.clock.at).getTime())
    expect(nextMs).toBeLessThanOrEqual(after(5_500, world.clock.at).getTime())
  })
})

describe('the document', () => {
  type Webhook = { post: { requestBody: { content: { 'application/json': { schema: Record<string, unknown> } } } } }

  it('describes every event that an endpoint can ask for', async () => {
    const { body } = await send(world.app, '/openapi.json')
    const described = Object.keys(body.webhooks as Record<string, Webhook>)
    expect(described.toSorted((a, b) => a.localeCompare(b))).toEqual(
      loggedEvents.toSorted((a, b) => a.localeCompare(b)),
    )
  })

  it('describes what is really sent', async () => {
    const { body } = await send(world.app, '/openapi.json')
    const webhooks = body.webhooks as Record<string, Webhook>
    const { id: endpointId } = (await add()).body
    await client.send('POST', `/notice-endpoints/${String(endpointId)}/test`)
    const settings = { contacts: ['+14155550144'], settings: { retry: {} } }
    const { campaignId } = await addCampaign(world, workspace, settings)
    const now = world.clock.at
    await start(world, { ...workspace, who: { ...workspace.who, now } }, campaignId)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now })
    const [callId = ''] = await permitAll(world, campaignId, now)
    await tell(world, callId, { kind: 'answered', at: after(8_000, now) })
    await tell(world, callId, { kind: 'agent_report', at: after(9_000, now), outcome: 'interested', transcript: [] })
    const left = { kind: 'leg_left', at: after(60_000, now), reason: 'left', wasAnswered: true } as const
    await tell(world, callId, left)
    world.clock.at = after(60_000, now)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: world.clock.at })
    await deliver()
    const told = z.looseObject({ type: z.string(), data: z.record(z.string(), z.unknown()) })
    // Others' notices that were refused before come as well.
    const isOurs = ({ data }: z.infer<typeof told>) =>
      data.campaign_id === campaignId || data.endpoint_id === endpointId
    const bodies = received.map(({ text }) => told.parse(JSON.parse(text))).filter(isOurs)
    const types = bodies.map(({ type }) => type).toSorted((a, b) => a.localeCompare(b))
    expect(types).toEqual([
      ...['call.answered', 'call.ended', 'call.outcome', 'call.started'],
      ...['campaign.completed', 'campaign.started', 'notice.test'],
    ])
    for (const each of bodies) {
      const schema = webhooks[each.type]?.post.requestBody.content['application/json'].schema
      expect(z.fromJSONSchema(schema ?? {}).safeParse(each).error?.issues ?? [], each.type).toEqual([])
    }
  })
})
