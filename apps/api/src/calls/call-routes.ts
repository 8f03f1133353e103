import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { hangUpCall } from '@outdial/dialing/calls/hang-up-call'
import { initiateCall, initiateCallInput } from '@outdial/dialing/calls/initiate-call'
import {
  callFilters,
  callsAsCsv,
  listCalls,
  listCampaignCalls,
  readCall,
  toCall,
} from '@outdial/dialing/calls/read-calls'
import { setOutcome, setOutcomeInput } from '@outdial/dialing/calls/set-outcome'
import { transferCall, transferCallInput } from '@outdial/dialing/calls/transfer-call'
import { metadata } from '@outdial/dialing/fields'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'
import { sendCsv, wantsCsv } from '../http/send-csv.ts'
import { callAnswer, callInFullAnswer } from './call-answer.ts'

const about = { tags: ['Calls'], security }

const format = z.enum(['json', 'csv']).optional()

const pageOrCsv = {
  description: 'One page of calls, newest first; or all that match as CSV.',
  content: { 'application/json': { schema: pageOf(callAnswer) }, 'text/csv': { schema: z.string() } },
}
const csvHint = 'With `format=csv` or `Accept: text/csv` all that match, without pages, safe to open in a spreadsheet.'

const history = createRoute({
  method: 'get',
  path: '/calls',
  ...about,
  operationId: 'listCalls',
  summary: 'List calls of all kinds, newest first',
  description: csvHint,
  request: { query: pageQuery.extend({ ...callFilters.shape, format }) },
  responses: { 200: pageOrCsv, ...problems() },
})

const ofCampaign = createRoute({
  method: 'get',
  path: '/outbound-calls/campaign/{id}',
  ...about,
  operationId: 'listCampaignCalls',
  summary: 'List the calls of a campaign, newest first',
  description: csvHint,
  request: { params: idPath, query: pageQuery.extend({ ...callFilters.omit({ campaignId: true }).shape, format }) },
  responses: { 200: pageOrCsv, ...problems(404) },
})

const initiate = createRoute({
  method: 'post',
  path: '/outbound-calls/initiate',
  ...about,
  operationId: 'initiateCall',
  summary: 'Call one number',
  description: 'It is dialed as soon as its trunk has a slot, before the calls of campaigns.',
  request: { headers: repeatable, body: jsonBody(initiateCallInput.extend({ metadata: metadata.default({}) })) },
  responses: { 201: jsonAnswer('The call, waiting to be dialed.', callAnswer), ...problems(404, 409, 413, 415, 422) },
})

const read = createRoute({
  method: 'get',
  path: '/outbound-calls/{id}',
  ...about,
  operationId: 'readCall',
  summary: 'Read a call with its timeline and transcript',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The call.', callInFullAnswer), ...problems(404) },
})

const outcome = createRoute({
  method: 'put',
  path: '/outbound-calls/{id}/outcome',
  ...about,
  operationId: 'setCallOutcome',
  summary: 'Say what a call came to',
  description:
    'The same follows as if the agent had said it: `do_not_call` suppresses the number in the whole workspace at ' +
    'once, `callback` with a time calls back then while its campaign is running or paused.',
  request: { params: idPath, body: jsonBody(setOutcomeInput) },
  responses: { 200: jsonAnswer('The call.', callInFullAnswer), ...problems(404, 409, 413, 415) },
})

const hangUp = createRoute({
  method: 'post',
  path: '/outbound-calls/{id}/hangup',
  ...about,
  operationId: 'hangUpCall',
  summary: 'End a call',
  description: 'One that waits is never dialed, one that rings or talks is hung up; what is over stays as it is.',
  request: { params: idPath, headers: repeatable },
  responses: { 200: jsonAnswer('The call.', callInFullAnswer), ...problems(404, 503) },
})

const transfer = createRoute({
  method: 'post',
  path: '/outbound-calls/{id}/transfer',
  ...about,
  operationId: 'transferCall',
  summary: 'Hand an answered call over to another telephone',
  description:
    'By SIP REFER, which the carrier has to allow. The call then ends here as completed. 409 says why it could not be ' +
    'done: `not_answered`, `call_is_over`, `transfer_refused` with the `sipStatusCode`, or `transfer_unclear`.',
  request: { params: idPath, headers: repeatable, body: jsonBody(transferCallInput, { required: false }) },
  responses: {
    200: jsonAnswer('The carrier has taken it on.', z.object({ transferredTo: z.string(), call: callInFullAnswer })),
    ...problems(404, 409, 413, 415, 422, 503),
  },
})

/** Attempts to reach one number. */
export function callRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(history, async (c) => {
    const { format, ...query } = c.req.valid('query')
    if (!wantsCsv(c, format)) return c.json(await listCalls(deps, c.var.who, query), 200)
    return sendCsv(c, { lines: callsAsCsv(deps, c.var.who, query), fileName: 'calls.csv' })
  })
  app.openapi(ofCampaign, async (c) => {
    const { id: campaignId } = c.req.valid('param')
    const { format, ...query } = c.req.valid('query')
    const page = await listCampaignCalls(deps, c.var.who, { ...query, campaignId })
    if (!wantsCsv(c, format)) return c.json(page, 200)
    return sendCsv(c, { lines: callsAsCsv(deps, c.var.who, { ...query, campaignId }), fileName: 'calls.csv' })
  })
  app.openapi(initiate, async (c) => {
    const { who } = c.var
    const fallback = deps.callDefaults
    const call = await initiateCall(deps, who, { ...c.req.valid('json'), fallback, callId: who.newId })
    return c.json(toCall(call), 201)
  })
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readCall(deps, c.var.who, { callId: id }), 200)
  })
  app.openapi(outcome, async (c) => {
    const { id: callId } = c.req.valid('param')
    await setOutcome(deps, c.var.who, { callId, ...c.req.valid('json') })
    return c.json(await readCall(deps, c.var.who, { callId }), 200)
  })
  app.openapi(transfer, async (c) => {
    const { id: callId } = c.req.valid('param')
    const { transferredTo } = await transferCall(deps, c.var.who, { callId, ...c.req.valid('json') })
    return c.json({ transferredTo, call: await readCall(deps, c.var.who, { callId }) }, 200)
  })
  app.openapi(hangUp, async (c) => {
    const { id: callId } = c.req.valid('param')
    await hangUpCall(deps, c.var.who, { callId })
    return c.json(await readCall(deps, c.var.who, { callId }), 200)
  })
  return app
}
