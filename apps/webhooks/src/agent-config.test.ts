import { changeAssistant } from '@outdial/dialing/assistants/assistants'
import { addWorkspace, noon, type Workspace } from '@outdial/dialing/testing'
import { createApiKey } from '@outdial/dialing/workspaces/api-keys'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { dialedCall, openWebhooksWorld, publicUrl, type WebhooksWorld } from './testing/webhooks-world.ts'

const agentConfigToken = 'the token of our own agent'.replaceAll(' ', '-')
const asOperator = { authorization: `Bearer ${agentConfigToken}` }

let world: WebhooksWorld
let workspace: Workspace
let asCustomer: Record<string, string>

beforeAll(async () => {
  world = await openWebhooksWorld({ providers: { agentConfigToken } })
  workspace = await addWorkspace(world)
  const { who, assistantId } = workspace
  const changes = { greeting: 'Hello {name}', prompt: 'Help {name}.', questions: ['How many?'], tts: { voice: 'ada' } }
  await changeAssistant(world.deps, who, { assistantId, changes })
  const key = await createApiKey(
    world.deps,
    { workspaceId: who.workspaceId, actor: 'test', now: noon },
    { name: 'Agent' },
  )
  asCustomer = { authorization: `Bearer ${key.secret}` }
})
afterAll(() => world.close())

const read = (query = '', headers: Record<string, string> = asOperator) =>
  world.get(`/api/livekit/agent-config${query}`, headers)

describe('GET /api/livekit/agent-config', () => {
  it('tells how an assistant talks', async () => {
    const told = { agentName: 'ann', instructions: 'Help {name}.', greeting: 'Hello {name}', questions: ['How many?'] }
    const config = { ...told, stt: {}, llm: {}, tts: { voice: 'ada' }, assistantId: workspace.assistantId, call: null }
    expect(await read(`?assistantId=${workspace.assistantId}`)).toMatchObject({ status: 200, body: config })
    expect((await read('', asCustomer)).body).toMatchObject(config)
    expect((await read('?agentName=ann', asCustomer)).body).toMatchObject(config)
  })

  it('tells with a room what is said to this person, and where to report', async () => {
    const { workspace: other, callId, roomName } = await dialedCall(world)
    const changes = { greeting: 'Hello {name}', aiDisclosure: 'This is an AI, {name}.' }
    await changeAssistant(world.deps, other.who, { assistantId: other.assistantId, changes })
    const answer = await read(`?roomName=${roomName}`)
    expect(answer.body).toMatchObject({
      greeting: expect.stringContaining('Hello Contact +1555'),
      aiDisclosure: expect.stringContaining('This is an AI, Contact +1555'),
      call: {
        ...{ id: callId, direction: 'outbound' },
        ...{ voicemail: 'hangup', voicemailMessage: '' },
        report: {
          url: `${publicUrl}/api/agent/calls/${callId}/report`,
          transcriptUrl: `${publicUrl}/api/agent/calls/${callId}/transcript`,
          transferUrl: null,
          token: expect.any(String),
        },
      },
    })
    const { report } = answer.body.call as { report: { url: string; token: string } }
    const sent = await world.post(report.url.slice(publicUrl.length), {
      headers: { authorization: `Bearer ${report.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ id: '1', at: noon, outcome: 'interested' }),
    })
    expect(sent.status).toBe(202)
    expect((await read(`?roomName=${roomName}`, asCustomer)).status).toBe(404)
  })

  it('opens with a key its own workspace only', async () => {
    const stranger = await addWorkspace(world)
    expect((await read(`?assistantId=${stranger.assistantId}`, asCustomer)).status).toBe(404)
    expect((await read(`?assistantId=${stranger.assistantId}`)).status).toBe(200)
  })

  it('wants to be told which, where there are several', async () => {
    await addWorkspace(world)
    expect(await read()).toMatchObject({ status: 409, body: { code: 'several_assistants' } })
    expect(await read('?agentName=ann')).toMatchObject({ status: 409 })
    expect(await read(`?assistantId=${crypto.randomUUID()}`)).toMatchObject({ status: 404 })
    expect(await read('?agentName=nobody')).toMatchObject({ status: 404 })
  })

  it.each([{}, { authorization: 'Bearer wrong' }, { authorization: agentConfigToken }, { 'x-api-key': 'wrong' }])(
    '%j is 401',
    async (headers) => {
      expect(await read('', headers as Record<string, string>)).toMatchObject({ status: 401 })
    },
  )

  it('no token opens it where none is set', async () => {
    const other = await openWebhooksWorld({ providers: {} })
    const answer = await other.get('/api/livekit/agent-config', { authorization: 'Bearer undefined' })
    expect(answer.status).toBe(401)
    await other.close()
  })

  it.each([
    ['?assistantId=x', 'assistantId'],
    ['?room=x', 'body'],
    ['?roomName=a&agentName=b', 'assistantId'],
  ])('%s is 400', async (query, field) => {
    expect(await read(query)).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})
