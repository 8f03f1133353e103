import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { agentConfigAnswer, agentConfigQuery } from '@outdial/dialing/assistants/agent-config'
import { agentReportInput } from '@outdial/dialing/calls/agent-report'
import { agentLinesInput } from '@outdial/dialing/calls/transcripts'
import { exotelStatusForm } from '@outdial/telephony/exotel-status'
import { twilioRecordingForm } from '@outdial/telephony/twilio-recording'
import { twilioStatusForm } from '@outdial/telephony/twilio-status'
import type { ApiEnv } from '../context.ts'
import { Problem, problemSchema } from '../http/problem.ts'

/** What the outside calls. Served by the webhooks role, which proves who calls by other means than keys. */
export const callbackTag = {
  name: 'Callbacks',
  description:
    'What LiveKit, providers and agents tell. These addresses are served by the webhooks role, not by this one: have ' +
    'your proxy send them there.',
}

const stored = z.object({
  status: z.enum(['recorded', 'repeated', 'parked', 'ignored', 'not_ours']).openapi({
    description: 'Stored; was before; waits for its call; says nothing of a call; is about none of ours.',
  }),
})

const form = (schema: z.ZodType) => ({
  required: true,
  content: { 'application/x-www-form-urlencoded': { schema }, 'application/json': { schema } },
})

/** All of them answer like this; `meanings` are the errors of one. */
function answers<Success extends object>(success: Success, meanings: Record<number, string>) {
  const errors = Object.entries({ 413: 'The body is too large.', 421: 'This is not the webhooks role.', ...meanings })
  const content = { 'application/problem+json': { schema: problemSchema } }
  return {
    ...success,
    ...Object.fromEntries(errors.map(([status, description]) => [status, { description, content }])),
  }
}

const storedAnswer = {
  description: 'It is stored for good, or needs not be.',
  content: { 'application/json': { schema: stored } },
}
const transferred = z.object({ transferredTo: z.string() })
const unsigned = 'Not signed by who may call this, or the body is not the one that was signed.'
const twilioErrors = {
  400: 'A parameter is missing or not Twilio’s; `errors` names each.',
  401: unsigned,
  503: 'A variable is not set; `detail` names it.',
}
const twilio = { tags: [callbackTag.name], security: [{ twilioSignature: [] }] }

const routes = [
  createRoute({
    ...{ method: 'post', path: '/api/livekit/webhook', operationId: 'receiveLiveKitEvent' },
    ...{ tags: [callbackTag.name], security: [{ livekitToken: [] }], summary: 'Take an event of LiveKit’s' },
    request: {
      body: {
        required: true,
        content: {
          'application/webhook+json': {
            schema: z.looseObject({ event: z.string(), id: z.string(), createdAt: z.string() }),
          },
        },
      },
    },
    responses: answers({ 200: storedAnswer }, { 400: 'It is no event.', 401: unsigned }),
  }),
  createRoute({
    ...{ method: 'get', path: '/api/livekit/agent-config', operationId: 'readAgentConfig' },
    ...{
      tags: [callbackTag.name],
      security: [{ agentToken: [] }],
      summary: 'Read how an assistant talks',
    },
    description: 'For its agent, with LIVEKIT_AGENT_CONFIG_TOKEN, or with an API key of the workspace.',
    request: { query: agentConfigQuery },
    responses: answers(
      { 200: { description: 'It.', content: { 'application/json': { schema: agentConfigAnswer } } } },
      {
        400: 'A parameter does not fit; `errors` names each.',
        401: 'Neither the token nor an API key was sent.',
        404: 'No such assistant, or no call with one in the room.',
        409: 'Several assistants fit: name one.',
      },
    ),
  }),
  createRoute({
    ...{ method: 'post', path: '/api/agent/calls/{callId}/report', operationId: 'reportOnCall' },
    ...{ tags: [callbackTag.name], security: [{ callToken: [] }], summary: 'Report on a call, as its agent' },
    description: 'As often as you like, with `report.token` of the dispatch’s metadata.',
    request: {
      params: z.object({ callId: z.uuid() }),
      body: { required: true, content: { 'application/json': { schema: agentReportInput } } },
    },
    responses: answers(
      { 202: storedAnswer },
      {
        400: 'Fields do not fit; `errors` names each.',
        401: 'The token is not that of this call.',
        404: 'No such call.',
      },
    ),
  }),
  createRoute({
    ...{ method: 'post', path: '/api/agent/calls/{callId}/transcript', operationId: 'tellLinesOfCall' },
    ...{ tags: [callbackTag.name], security: [{ callToken: [] }], summary: 'Tell what is said, as it is said' },
    description: 'With `report.token` of the dispatch’s metadata; `report.transcript_url` is this address.',
    request: {
      params: z.object({ callId: z.uuid() }),
      body: { required: true, content: { 'application/json': { schema: agentLinesInput } } },
    },
    responses: answers(
      { 202: storedAnswer },
      {
        400: 'Fields do not fit; `errors` names each.',
        401: 'The token is not that of this call.',
        404: 'No such call.',
      },
    ),
  }),
  createRoute({
    ...{ method: 'post', path: '/api/agent/calls/{callId}/transfer', operationId: 'transferAsAgent' },
    ...{ tags: [callbackTag.name], security: [{ callToken: [] }], summary: 'Hand the callee over, as the agent' },
    description:
      'To the `transfer_target` of the call’s metadata and to nobody else, by SIP REFER, with `report.token` of the ' +
      'dispatch’s metadata. `report.transfer_url` is this address, where the call has such a target.',
    request: { params: z.object({ callId: z.uuid() }) },
    responses: answers(
      {
        200: { description: 'The carrier has taken it on.', content: { 'application/json': { schema: transferred } } },
      },
      {
        400: 'There is a body that is more than `{}`.',
        401: 'The token is not that of this call.',
        404: 'No such call.',
        409: 'The call has no target, nobody is on the line, or the carrier refuses; `code` says which.',
      },
    ),
  }),
  createRoute({
    ...{
      method: 'post',
      path: '/api/v1/outbound-calls/status-callback',
      operationId: 'receiveTwilioStatus',
      ...twilio,
    },
    summary: 'Take a status callback of Twilio’s',
    request: { body: form(twilioStatusForm) },
    responses: answers({ 200: storedAnswer }, twilioErrors),
  }),
  createRoute({
    ...{ method: 'post', path: '/api/v1/recording/status', operationId: 'receiveTwilioRecording', ...twilio },
    summary: 'Take a recording callback of Twilio’s',
    request: { body: form(twilioRecordingForm) },
    responses: answers({ 200: storedAnswer }, twilioErrors),
  }),
  createRoute({
    ...{ method: 'post', path: '/api/v1/livekit/room/{roomName}', operationId: 'dialRoom', ...twilio },
    summary: 'Put a caller at Twilio through to a room',
    request: { params: z.object({ roomName: z.string() }), body: form(z.looseObject({ CallSid: z.string() })) },
    responses: answers(
      { 200: { description: 'TwiML that dials the room.', content: { 'text/xml': { schema: z.string() } } } },
      twilioErrors,
    ),
  }),
  createRoute({
    ...{ method: 'post', path: '/api/exotel/{secret}/status', operationId: 'receiveExotelStatus' },
    ...{ tags: [callbackTag.name], security: [], summary: 'Take a status callback of Exotel’s' },
    request: {
      params: z.object({ secret: z.string() }),
      body: {
        required: true,
        content: {
          'multipart/form-data': { schema: exotelStatusForm },
          'application/x-www-form-urlencoded': { schema: exotelStatusForm },
          'application/json': { schema: exotelStatusForm },
        },
      },
    },
    responses: answers({ 200: storedAnswer }, { 400: 'A field is missing or not Exotel’s.', 404: 'Not the secret.' }),
  }),
]

/** Describes them, and tells a proxy that brought one here where it belongs. */
export function callbackRoutes(): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.openAPIRegistry.registerComponent('securitySchemes', 'twilioSignature', {
    ...{ type: 'apiKey', in: 'header', name: 'x-twilio-signature', description: 'Over PUBLIC_URL and the parameters.' },
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'livekitToken', {
    ...{
      type: 'apiKey',
      in: 'header',
      name: 'authorization',
      description: 'A token of LiveKit’s over the body’s digest.',
    },
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'agentToken', {
    ...{
      type: 'http',
      scheme: 'bearer',
      description: 'LIVEKIT_AGENT_CONFIG_TOKEN of the webhooks role, or an API key.',
    },
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'callToken', {
    ...{ type: 'http', scheme: 'bearer', description: 'The token of one call.' },
  })
  for (const route of routes) {
    app.openAPIRegistry.registerPath(route)
    app.on(route.method, route.getRoutingPath(), () => {
      const detail = 'This address is served by the webhooks role. Have the proxy send it there.'
      throw new Problem(421, 'misdirected_request', { detail })
    })
  }
  return app
}
