import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import {
  answerInboundCall,
  browserCallInput,
  callFromBrowser,
  inboundAnswerInput,
} from '@outdial/dialing/calls/browser-calls'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { jsonAnswer, jsonBody, problems, repeatable, security } from '../http/route-parts.ts'
import { renameFields } from '../moved/rename-fields.ts'

const seatAnswer = z
  .object({
    callId: z.uuid().openapi({ description: 'For GET /api/v1/outbound-calls/{id} and its `hangup`.' }),
    roomName: z.string(),
    identity: z.string().openapi({ description: 'Of the person in the room.' }),
    serverUrl: z.string().openapi({ description: "LiveKit's address for `room.connect(serverUrl, token)`." }),
    token: z.string().openapi({ description: 'Opens this one room, to speak and to listen.' }),
    expiresAt: z.date().openapi({ description: 'Join before; whoever is in the room stays.' }),
  })
  .openapi('Seat')

const about = { tags: ['Calls'], security }

const outbound = createRoute({
  method: 'post',
  path: '/outbound-call',
  ...about,
  operationId: 'callFromBrowser',
  summary: 'Call a number and talk from the browser',
  description:
    'Answers at once with a token for the room of the call; join it, the number is dialed as soon as its trunk has a ' +
    'slot. The same limits, hours and suppressions hold as for any single call. No agent is sent for.',
  request: { headers: repeatable, body: jsonBody(browserCallInput) },
  responses: { 201: jsonAnswer('The room, and a token to join it.', seatAnswer), ...problems(404, 409, 413, 415, 422) },
})

const answer = createRoute({
  method: 'post',
  path: '/inbound-answer',
  ...about,
  operationId: 'answerInboundCall',
  summary: 'Answer a call that has come in from the browser',
  description:
    'The first person who asks gets the call; joining the room picks it up. 409 `answered_by_another` for everybody ' +
    'else, `call_over` when the caller has hung up.',
  request: { headers: repeatable, body: jsonBody(inboundAnswerInput) },
  responses: { 200: jsonAnswer('The room, and a token to join it.', seatAnswer), ...problems(404, 409, 413, 415) },
})

/** Below /api/livekit: people who talk from their browser. */
export function browserRoutes(deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(outbound, async (c) => {
    const input = c.req.valid('json')
    const seat = await renameFields({ phoneNumber: 'to' }, () => callFromBrowser(deps, c.var.who, input))
    c.set('hasSecret', true)
    return c.json(seat, 201)
  })
  app.openapi(answer, async (c) => {
    const seat = await answerInboundCall(deps, c.var.who, c.req.valid('json'))
    c.set('hasSecret', true)
    return c.json(seat, 200)
  })
  return app
}
