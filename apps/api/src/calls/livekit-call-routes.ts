import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { awaitCall, type PlacedCall } from '@outdial/dialing/calls/await-call'
import { dispatchAgent, dispatchAgentInput } from '@outdial/dialing/calls/dispatch-agent'
import { initiateCall, initiateCallInput } from '@outdial/dialing/calls/initiate-call'
import { metadata } from '@outdial/dialing/fields'
import { InvalidInput } from '@outdial/dialing/refusals'
import { trunkOfAssistant } from '@outdial/dialing/trunks/assistant-trunk'
import { trunkInput } from '@outdial/dialing/trunks/trunk-input'
import { createTrunk, listTrunks } from '@outdial/dialing/trunks/trunks'
import { callStatuses } from '@outdial/policy/states'
import { trunkAnswer } from '../configuration/trunk-routes.ts'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'
import { notAnswered, wasNotAnswered } from './not-answered.ts'

const { assistantId, trunkId, ...wishes } = initiateCallInput.shape

const participantInput = z.strictObject({
  ...wishes,
  metadata: metadata.default({}),
  trunkId: trunkId.openapi({ description: "One of the workspace's trunks." }),
  livekitTrunkId: z.string().min(1).max(104).optional().openapi({ description: "The same by LiveKit's id, `ST_…`." }),
  roomName: z.string().min(1).max(256).optional().openapi({ description: 'A new one; `call-<id>` unless given.' }),
  participantIdentity: z
    .string()
    .regex(/^[\w.:@+-]{1,200}$/, 'must be 1 to 200 letters, digits and the characters . _ : @ + -')
    .optional()
    .openapi({ description: 'Of the callee in the room; `callee-<id>` unless given.' }),
  waitUntilAnswered: z.boolean().default(false),
})

const callInput = participantInput.extend({
  assistantId: assistantId.optional(),
  agentName: z.string().trim().min(1).max(100).optional().openapi({
    description: "Instead of the assistant's; without both the agent of LIVEKIT_AGENT_NAME.",
  }),
  agentMetadata: metadata.optional().openapi({ description: 'For the agent, beside what every agent is told.' }),
})

const placedAnswer = z
  .object({
    callId: z.uuid(),
    roomName: z.string(),
    status: z.enum(callStatuses),
    participant: z.object({
      participantId: z.string().nullable().openapi({ description: 'Null as long as the call waits for its trunk.' }),
      participantIdentity: z.string(),
      sipCallId: z.string().nullable().openapi({ description: 'Null as long as the call waits for its trunk.' }),
    }),
    agentDispatch: z
      .object({ dispatchId: z.string().nullable(), agentName: z.string() })
      .nullable()
      .openapi({ description: 'Null where no agent was sent for.' }),
  })
  .openapi('PlacedCall')

const about = { tags: ['LiveKit'], security }
const held =
  'A single call like any other: the permit, the limits of its trunk, suppressions and calling hours hold. Answers when ' +
  'LiveKit was asked to dial, or with `waitUntilAnswered` when it was answered; 409 `call_not_answered` if it was not.'

const createParticipant = createRoute({
  method: 'post',
  path: '/livekit/outbound-calls/create-participant',
  ...about,
  operationId: 'createParticipant',
  summary: 'Dial a number into a room without an agent',
  description: held,
  request: { headers: repeatable, body: jsonBody(participantInput) },
  responses: { 201: jsonAnswer('The call.', placedAnswer), ...problems(404, 409, 413, 415, 422) },
})

const createCall = createRoute({
  method: 'post',
  path: '/livekit/outbound-calls/create-call',
  ...about,
  operationId: 'createCall',
  summary: 'Make a room, send for an agent and dial a number into it',
  description: held,
  request: { headers: repeatable, body: jsonBody(callInput) },
  responses: { 201: jsonAnswer('The call.', placedAnswer), ...problems(404, 409, 413, 415, 422) },
})

const dispatch = createRoute({
  method: 'post',
  path: '/livekit/outbound-calls/dispatch-agent',
  ...about,
  operationId: 'dispatchAgent',
  summary: 'Send for one more agent into the room of a call',
  request: { headers: repeatable, body: jsonBody(dispatchAgentInput) },
  responses: {
    201: jsonAnswer(
      'LiveKit has sent for the agent.',
      z.object({ dispatchId: z.string(), agentName: z.string(), roomName: z.string() }),
    ),
    ...problems(404, 409, 413, 415, 422, 503),
  },
})

const create = createRoute({
  method: 'post',
  path: '/livekit/outbound-calls/create-trunk',
  ...about,
  operationId: 'createLiveKitTrunk',
  summary: 'Create an outbound trunk',
  description: 'The same as POST /api/v1/trunks.',
  request: { headers: repeatable, body: jsonBody(trunkInput) },
  responses: { 201: jsonAnswer('The new trunk.', trunkAnswer), ...problems(409, 413, 415, 422, 503) },
})

const list = createRoute({
  method: 'get',
  path: '/livekit/outbound-calls/trunks',
  ...about,
  operationId: 'listLiveKitTrunks',
  summary: 'List the outbound trunks of the workspace, newest first',
  description:
    'The same as GET /api/v1/trunks: trunks of the LiveKit project that are not the workspace’s are not shown.',
  request: { query: pageQuery },
  responses: { 200: jsonAnswer('One page of trunks.', pageOf(trunkAnswer)), ...problems() },
})

const ofAssistant = createRoute({
  method: 'get',
  path: '/livekit/outbound-calls/trunk/{id}',
  ...about,
  operationId: 'readTrunkOfAssistant',
  summary: 'Read the trunk that calls of an assistant go out on',
  description:
    'The assistant’s own, else the default of the workspace, else its only one. `id` is that of the assistant.',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The trunk.', trunkAnswer), ...problems(404) },
})

/** The parts of a call as LiveKit has them, one by one; behind them are the same verbs as behind everything else. */
export function livekitCallRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(createParticipant, async (c) => {
    const { waitUntilAnswered, ...request } = c.req.valid('json')
    const shared = { agentName: null, fallback: deps.callDefaults, callId: c.var.who.newId }
    const { id: callId } = await initiateCall(deps, c.var.who, { ...request, ...shared })
    return c.json(await placed(deps, { who: c.var.who, request: c.req.raw, callId, waitUntilAnswered }), 201)
  })
  app.openapi(createCall, async (c) => {
    const { waitUntilAnswered, ...request } = c.req.valid('json')
    const agentName = request.agentName ?? (request.assistantId ? undefined : deps.callDefaults.agentName)
    if (!request.assistantId && !agentName) throw noAgent()
    const shared = { agentName, fallback: deps.callDefaults, callId: c.var.who.newId }
    const { id: callId } = await initiateCall(deps, c.var.who, { ...request, ...shared })
    return c.json(await placed(deps, { who: c.var.who, request: c.req.raw, callId, waitUntilAnswered }), 201)
  })
  app.openapi(dispatch, async (c) => c.json(await dispatchAgent(deps, c.var.who, c.req.valid('json')), 201))
  app.openapi(create, async (c) => c.json(await createTrunk(deps, c.var.who, c.req.valid('json')), 201))
  app.openapi(list, async (c) => c.json(await listTrunks(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(ofAssistant, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await trunkOfAssistant(deps, c.var.who, { assistantId: id }), 200)
  })
  return app
}

function noAgent(): InvalidInput {
  const message = 'is required, or assistantId; create-participant dials without an agent'
  return new InvalidInput([{ field: 'agentName', code: 'required', message }])
}

/** Real time for the trunk to let a call start and LiveKit to take it; longer waits are told as such. */
const placedPatienceMs = 8_000

async function placed(
  deps: RouteDeps,
  wish: { who: ApiEnv['Variables']['who']; request: Request; callId: string; waitUntilAnswered: boolean },
): Promise<z.infer<typeof placedAnswer>> {
  const { who, callId, waitUntilAnswered } = wish
  const signal = AbortSignal.any([deps.stopping, wish.request.signal])
  const patienceMs = waitUntilAnswered ? deps.answerPatienceMs : Math.min(placedPatienceMs, deps.answerPatienceMs)
  const until = waitUntilAnswered ? 'answered' : 'placed'
  const known = await awaitCall(deps, who, { callId, until, patienceMs, signal })
  if (waitUntilAnswered && wasNotAnswered(known)) throw notAnswered(known)
  return toAnswer(known)
}

function toAnswer({ call, participant, agent }: PlacedCall): z.infer<typeof placedAnswer> {
  const { id: callId, roomName, status } = call
  return { callId, roomName, status, participant, agentDispatch: agent }
}
