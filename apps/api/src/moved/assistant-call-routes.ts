import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { awaitCall, type PlacedCall } from '@outdial/dialing/calls/await-call'
import { initiateCall } from '@outdial/dialing/calls/initiate-call'
import { metadata } from '@outdial/dialing/fields'
import { wasNotAnswered } from '../calls/not-answered.ts'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { Problem } from '../http/problem.ts'
import { jsonAnswer, jsonBody, problems, repeatable, security } from '../http/route-parts.ts'
import { renameFields } from './rename-fields.ts'

/** Loose, unlike everything below /api/v1: what the other dialer took besides is no reason to refuse a call. */
const input = z.object({
  assistant_id: z.uuid(),
  trunk_id: z
    .string()
    .regex(/^ST_[A-Za-z0-9_-]{1,100}$/, "must be LiveKit's id of a trunk such as ST_abc123")
    .openapi({ description: "LiveKit's id of one of the workspace's trunks.", example: 'ST_abc123' }),
  to_number: z.string().min(1).max(64).openapi({ description: 'In E.164 form.', example: '+15551230000' }),
  call_service: z.enum(['twilio', 'exotel']).openapi({ description: 'The provider of the trunk.' }),
  metadata: metadata.nullish().openapi({
    description:
      '`account_code`, `caller_id`, `caller_name`, `transfer_target` and `destination` also go into SIP headers; the ' +
      'agent gets all of it.',
  }),
  ignore_window: z.boolean().nullish().openapi({ description: 'Beyond the older shape: call at any hour.' }),
})

const answer = z
  .object({
    success: z.literal(true),
    message: z.string(),
    data: z.object({
      room_name: z.string().openapi({ description: '`{assistant_id}_{unique_suffix}`' }),
      agent_dispatch: z.object({
        id: z.string().nullable().openapi({ description: 'Null as long as the call waits for its trunk.' }),
        agent_name: z.string(),
        room: z.string(),
        metadata: z.string().openapi({ description: 'JSON.' }),
      }),
      participant: z.object({
        participant_id: z.string().nullable().openapi({ description: 'Null as long as the call waits for its trunk.' }),
        participant_identity: z.string(),
        room_name: z.string(),
        sip_call_id: z.string().nullable().openapi({ description: 'Null as long as the call waits for its trunk.' }),
      }),
    }),
  })
  .openapi('MovedAssistantCall')

const outbound = createRoute({
  method: 'post',
  path: '/outbound',
  tags: ['Moving over'],
  security,
  operationId: 'movedAssistantCall',
  summary: 'Call one number with an assistant, in the shape of another LiveKit dialer',
  description:
    'The same call as POST /api/v1/outbound-calls/initiate makes, under the same limits. Answers when it is on its ' +
    'way, not when it is answered. Errors also have `success: false` and `message`.',
  request: { headers: repeatable, body: jsonBody(input) },
  responses: {
    200: jsonAnswer('The call is on its way, or waits for a free slot of its trunk.', answer),
    ...problems(404, 409, 413, 415, 500),
  },
})

/** Real time for the trunk to let a call start and LiveKit to take it; longer waits are told as such. */
const placedPatienceMs = 8_000

/** POST /call/outbound. */
export function movedAssistantCallRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(outbound, async (c) => {
    const { who } = c.var
    const body = c.req.valid('json')
    const names = { phoneNumber: 'to_number', trunkId: 'trunk_id', provider: 'call_service' }
    const { id: callId } = await renameFields(names, () =>
      initiateCall(deps, who, {
        phoneNumber: body.to_number,
        assistantId: body.assistant_id,
        livekitTrunkId: body.trunk_id,
        provider: body.call_service,
        metadata: body.metadata ?? {},
        ignoreWindow: body.ignore_window ?? undefined,
        roomName: (id) => `${body.assistant_id}_${id.replaceAll('-', '').slice(-16)}`,
        fallback: { fromNumber: deps.callDefaults.fromNumber },
        callId: who.newId,
      }),
    )
    const signal = AbortSignal.any([deps.stopping, c.req.raw.signal])
    const patienceMs = Math.min(placedPatienceMs, deps.answerPatienceMs)
    const placed = await awaitCall(deps, who, { callId, until: 'placed', patienceMs, signal })
    if (couldNotBePlaced(placed)) throw notPlaced(placed)
    return c.json(toAnswer(placed), 200)
  })
  return app
}

function couldNotBePlaced(placed: PlacedCall): boolean {
  const { disposition } = placed.call
  return wasNotAnswered(placed) && (disposition === 'trunk_error' || disposition === 'canceled')
}

function notPlaced({ call }: PlacedCall): Problem {
  const detail = call.endReason ?? 'The call could not be placed.'
  const { id: callId, roomName, disposition, sipStatusCode } = call
  const extra = { callId, roomName, disposition, sipStatusCode }
  return new Problem(500, 'call_not_placed', { detail, extra, hadEffect: true })
}

function toAnswer({ call, participant, agent, metadata: facts }: PlacedCall): z.infer<typeof answer> {
  const { roomName } = call
  const waits = call.status === 'pending' || call.permittedAt === null
  return {
    success: true,
    message: waits ? 'The call waits for a free slot of its trunk.' : 'The call is on its way.',
    data: {
      room_name: roomName,
      agent_dispatch: {
        id: agent?.dispatchId ?? null,
        agent_name: agent?.agentName ?? '',
        room: roomName,
        metadata: JSON.stringify(facts),
      },
      participant: {
        participant_id: participant.participantId,
        participant_identity: participant.participantIdentity,
        room_name: roomName,
        sip_call_id: participant.sipCallId,
      },
    },
  }
}

const statuses: Record<number, number> = { 422: 400, 503: 500 }

/**
 * Errors as the older contract names them, which knows 400, 401, 404 and 500: what it has no word for keeps its own
 * status.
 */
export function asNamed({ status, code, message, errors, extra, headers }: Problem): Problem {
  const named = code === 'outside_calling_hours' ? 400 : (statuses[status] ?? status)
  return new Problem(named, code, {
    detail: message,
    ...(errors && { errors }),
    extra: { ...extra, success: false, message },
    headers,
  })
}
