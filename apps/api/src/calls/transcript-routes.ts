import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { eraseTranscript, readTranscript } from '@outdial/dialing/calls/transcripts'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, problems, security } from '../http/route-parts.ts'
import { shownLine } from './call-answer.ts'
import { createTranscriptStreams } from './transcript-stream.ts'

const about = { tags: ['Calls'], security }

const transcriptAnswer = z
  .object({
    callId: z.uuid(),
    isOver: z.boolean().openapi({ description: 'The call is over; what may still come is the agent’s report.' }),
    isReported: z.boolean().openapi({ description: 'The agent has told the whole of it.' }),
    deletedAt: z.date().nullable(),
    lines: z.array(shownLine),
  })
  .openapi('Transcript')

const read = createRoute({
  method: 'get',
  path: '/outbound-calls/{id}/transcript',
  ...about,
  operationId: 'readTranscript',
  summary: 'Read what is said in a call, also while it goes on',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The words so far.', transcriptAnswer), ...problems(404) },
})

const watch = createRoute({
  method: 'get',
  path: '/outbound-calls/{id}/transcript/events',
  ...about,
  operationId: 'watchTranscript',
  summary: 'Watch what is said in a call as server-sent events',
  description: '`transcript` with the whole transcript at first and whenever it changed, `end` when no more will come.',
  request: { params: idPath },
  responses: {
    200: { description: 'Events until the client leaves.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems(404),
  },
})

const erase = createRoute({
  method: 'delete',
  path: '/outbound-calls/{id}/transcript',
  ...about,
  operationId: 'deleteTranscript',
  summary: 'Erase what was said in a call',
  description:
    'For good, wherever it is kept here, and what is told later is not taken. Outcome, answers and summary stay.',
  request: { params: idPath },
  responses: { 204: { description: 'It is erased.' }, ...problems(404, 409) },
})

/** The words of calls. */
export function transcriptRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  const streams = createTranscriptStreams(deps)
  app.openapi(read, async (c) => {
    const { id: callId } = c.req.valid('param')
    return c.json(await readTranscript(deps, c.var.who, { callId }), 200)
  })
  app.openapi(watch, async (c) => {
    const { id: callId } = c.req.valid('param')
    const stream = await streams.open(c.var.who, callId)
    c.header('content-type', 'text/event-stream')
    c.header('cache-control', 'no-store')
    // Proxies such as nginx would hold events back to send them together.
    c.header('x-accel-buffering', 'no')
    // HEAD comes here as well, and nobody would ever read or close its stream.
    if (c.req.method === 'HEAD') return c.body(null)
    return c.body(stream())
  })
  app.openapi(erase, async (c) => {
    await eraseTranscript(deps, c.var.who, { callId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  return app
}
