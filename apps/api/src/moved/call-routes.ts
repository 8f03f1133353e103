import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { awaitCall, describePlacedCall, type PlacedCall } from '@outdial/dialing/calls/await-call'
import { initiateCall } from '@outdial/dialing/calls/initiate-call'
import { metadata, questions } from '@outdial/dialing/fields'
import { callStatuses } from '@outdial/policy/states'
import { notAnswered, wasNotAnswered } from '../calls/not-answered.ts'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { jsonAnswer, jsonBody, problems, repeatable, security } from '../http/route-parts.ts'
import { renameFields } from './rename-fields.ts'

/** Loose, unlike everything below /api/v1: what other dialers took besides is no reason to refuse a call. */
const input = z.object({
  to: z.string().min(1).max(64).openapi({ description: 'The number to call, in E.164 form.', example: '+15551230000' }),
  fromNumber: z.string().min(1).max(64).nullish(),
  roomName: z.string().min(1).max(256).nullish().openapi({ description: '`call-<id>` unless given.' }),
  questions: questions.nullish(),
  agentName: z.string().trim().min(1).max(100).nullish().openapi({
    description: 'The LiveKit agent that talks. Without one, and without LIVEKIT_AGENT_NAME, no agent is sent for.',
  }),
  waitUntilAnswered: z.boolean().nullish().openapi({ description: 'True unless given.' }),
  recipientName: z.string().max(200).nullish(),
  rowIndex: z.int().min(1).max(100_000_000).nullish().openapi({ description: 'Row of a CSV file, counting from 1.' }),
  metadata: metadata
    .nullish()
    .openapi({ description: 'Beyond the older shape: as of POST /api/v1/outbound-calls/initiate.' }),
  ignoreWindow: z.boolean().nullish().openapi({ description: 'Beyond the older shape: call at any hour.' }),
})

const answer = z
  .object({
    roomName: z.string(),
    participant: z.object({
      participantId: z.string().nullable().openapi({ description: 'Null until it is dialed.' }),
      participantIdentity: z.string(),
      roomName: z.string(),
      sipCallId: z.string().nullable().openapi({ description: 'Null until it is dialed.' }),
      status: z.enum(callStatuses).openapi({ description: 'Of the call.' }),
    }),
    metadata: z.object({
      call_id: z.uuid().openapi({ description: 'For GET /api/v1/outbound-calls/{id}.' }),
      phone_number: z.string(),
      recipient_name: z.string().nullable(),
      row_index: z.int().nullable(),
      questions: z.array(z.string()),
      question: z.string().nullable(),
    }),
  })
  .openapi('MovedCall')

const outbound = createRoute({
  method: 'post',
  path: '/outbound',
  tags: ['Moving over'],
  security,
  operationId: 'movedCall',
  summary: 'Call one number, in the shape of other LiveKit dialers',
  description:
    'The same call as POST /api/v1/outbound-calls/initiate makes, under the same limits. Waits until it is answered, ' +
    'which 409 `call_not_answered` says did not happen, unless `waitUntilAnswered` is false.',
  request: { headers: repeatable, body: jsonBody(input) },
  responses: {
    200: jsonAnswer('The call: answered, or with `waitUntilAnswered: false` on its way.', answer),
    ...problems(409, 413, 415, 422, 503),
  },
})

/** POST /api/calls/outbound. */
export function movedCallRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(outbound, async (c) => {
    const { who } = c.var
    const { waitUntilAnswered, ...body } = c.req.valid('json')
    const { id: callId } = await renameFields({ phoneNumber: 'to' }, () =>
      initiateCall(deps, who, {
        phoneNumber: body.to,
        contactName: body.recipientName ?? undefined,
        fromNumber: body.fromNumber ?? undefined,
        roomName: body.roomName ?? undefined,
        questions: body.questions ?? undefined,
        agentName: body.agentName ?? deps.callDefaults.agentName ?? null,
        metadata: { ...body.metadata, ...(body.rowIndex && { row_index: body.rowIndex }) },
        ignoreWindow: body.ignoreWindow ?? undefined,
        fallback: deps.callDefaults,
        callId: who.newId,
      }),
    )
    if (waitUntilAnswered === false) return c.json(toAnswer(await describePlacedCall(deps, who, { callId })), 200)
    const signal = AbortSignal.any([deps.stopping, c.req.raw.signal])
    const wait = { until: 'answered', patienceMs: deps.answerPatienceMs, signal } as const
    const placed = await awaitCall(deps, who, { callId, ...wait })
    if (wasNotAnswered(placed)) throw notAnswered(placed)
    return c.json(toAnswer(placed), 200)
  })
  return app
}

function toAnswer({ call, participant, metadata: facts }: PlacedCall): z.infer<typeof answer> {
  const rowIndex = typeof facts.row_index === 'number' ? facts.row_index : null
  return {
    roomName: call.roomName,
    participant: { ...participant, roomName: call.roomName, status: call.status },
    metadata: { ...facts, row_index: rowIndex },
  }
}
