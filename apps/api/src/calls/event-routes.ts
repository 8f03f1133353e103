import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { createFeeds, sendEvents } from '../http/event-stream.ts'
import { problems, security } from '../http/route-parts.ts'
import { CallFeed } from './call-feed.ts'

const events = createRoute({
  method: 'get',
  path: '/calls/events',
  tags: ['Calls'],
  security,
  operationId: 'watchCalls',
  summary: 'Watch calls that come in, and single calls, as server-sent events',
  description:
    'First `snapshot` (all open calls of no campaign), then `call` for each that moved: a caller is told of within a ' +
    'second, with `direction` `inbound`, `status` `calling` and the `roomName` for POST /api/livekit/inbound-answer. ' +
    'Send `Last-Event-ID` to go on after a break: what was missed comes, or another snapshot.',
  request: {
    headers: z.object({ 'last-event-id': z.string().optional().openapi({ description: 'The id of the last event.' }) }),
  },
  responses: {
    200: { description: 'Events until the client leaves.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems(),
  },
})

/** Live news of calls that belong to no campaign. */
export function callEventRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  const feeds = createFeeds(deps, (who) => new CallFeed(deps, who))
  app.openapi(events, async (c) => {
    const open = await feeds.open(c.var.who, 'calls')
    return sendEvents(c, open, { lastEventId: c.req.valid('header')['last-event-id'], stopping: deps.stopping })
  })
  return app
}
