import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { createFeeds, sendEvents } from '../http/event-stream.ts'
import { idPath, problems, security } from '../http/route-parts.ts'
import { CampaignFeed } from './campaign-feed.ts'

const events = createRoute({
  method: 'get',
  path: '/campaigns/{id}/events',
  tags: ['Campaigns'],
  security,
  operationId: 'watchCampaign',
  summary: 'Watch a campaign as server-sent events',
  description:
    'First `snapshot` (the status and all open calls), then `status` with the whole status whenever it changed and ' +
    '`call` for every call that moved; `end` when there is nothing more to come. Send `Last-Event-ID` to go on after ' +
    'a break: what was missed comes, or another snapshot.',
  request: {
    params: idPath,
    headers: z.object({ 'last-event-id': z.string().optional().openapi({ description: 'The id of the last event.' }) }),
  },
  responses: {
    200: { description: 'Events until the client leaves.', content: { 'text/event-stream': { schema: z.string() } } },
    ...problems(404),
  },
})

/** Live news of campaigns. */
export function campaignEventRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  const feeds = createFeeds(deps, (who, campaignId) => new CampaignFeed(deps, { who, campaignId }))
  app.openapi(events, async (c) => {
    const { id } = c.req.valid('param')
    const open = await feeds.open(c.var.who, id)
    return sendEvents(c, open, { lastEventId: c.req.valid('header')['last-event-id'], stopping: deps.stopping })
  })
  return app
}
