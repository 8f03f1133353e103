import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import type { Who } from '@outdial/dialing/deps'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { Problem } from '../http/problem.ts'
import { idPath, problems, security } from '../http/route-parts.ts'
import { CampaignFeed, type FeedEvent } from './campaign-feed.ts'

const heartbeatMs = 15_000
/** A feed outlives its last watcher, so that one who comes back finds the events it missed. */
const lingerMs = 30_000
const streamsPerWorkspace = 100
/** A client that does not read is let go when so much waits for it; it comes back with its last event. */
const waitingMax = 2_000

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
  const feeds = createFeeds(deps)
  app.openapi(events, async (c) => {
    const { id } = c.req.valid('param')
    const open = await feeds.open(c.var.who, id)
    c.header('content-type', 'text/event-stream')
    c.header('cache-control', 'no-store')
    // Proxies such as nginx would hold events back to send them together.
    c.header('x-accel-buffering', 'no')
    // HEAD comes here as well, and nobody would ever read or close its stream.
    if (c.req.method === 'HEAD') {
      open.leave()
      return c.body(null)
    }
    return c.body(stream(open, { lastEventId: c.req.valid('header')['last-event-id'], stopping: deps.stopping }))
  })
  return app
}

type OpenFeed = { feed: CampaignFeed; leave(): void }

/** One feed per campaign that is watched. */
function createFeeds(deps: RouteDeps) {
  const feeds = new Map<string, { feed: CampaignFeed; opening: Promise<void>; streams: number }>()
  deps.stopping.addEventListener('abort', () => {
    for (const { feed } of feeds.values()) feed.close()
  })

  const open = async (who: Who, campaignId: string): Promise<OpenFeed> => {
    const key = `${who.workspaceId}/${campaignId}`
    refuseTooMany([...feeds].filter(([each]) => each.startsWith(who.workspaceId)).map(([, { streams }]) => streams))
    const known = feeds.get(key)
    const entry = known && !known.feed.isClosed ? known : start(key, { who, campaignId })
    entry.streams += 1
    let isHere = true
    const leave = () => {
      if (!isHere) return
      isHere = false
      entry.streams -= 1
      setTimeout(() => closeUnused(key), lingerMs).unref()
    }
    await entry.opening.catch((error: unknown) => {
      feeds.delete(key)
      throw error
    })
    return { feed: entry.feed, leave }
  }

  const start = (key: string, { who, campaignId }: { who: Who; campaignId: string }) => {
    const { workspaceId } = who
    const feed = new CampaignFeed(deps, { who: { workspaceId, actor: 'feed' }, campaignId })
    const entry = { feed, opening: feed.open(), streams: 0 }
    feeds.set(key, entry)
    return entry
  }

  const closeUnused = (key: string) => {
    const entry = feeds.get(key)
    if (!entry || entry.streams > 0) return
    entry.feed.close()
    feeds.delete(key)
  }
  return { open }
}

function refuseTooMany(streams: number[]): void {
  if (streams.reduce((sum, each) => sum + each, 0) < streamsPerWorkspace) return
  const detail = `The workspace has ${streamsPerWorkspace} event streams open on this server. Close some first.`
  throw new Problem(429, 'too_many_streams', { detail, headers: { 'retry-after': '10' } })
}

function stream(
  { feed, leave }: OpenFeed,
  { lastEventId, stopping }: { lastEventId: string | undefined; stopping: AbortSignal },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let stop = () => {}
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        const send = (text: string) => controller.enqueue(encoder.encode(text))
        const end = () => {
          stop()
          controller.close()
        }
        const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs)
        let unwatch = () => {}
        stop = () => {
          clearInterval(heartbeat)
          unwatch()
          leave()
        }
        send('retry: 2000\n\n')
        unwatch = feed.watch((event) => {
          send(format(event))
          if (event.event === 'end' || (controller.desiredSize ?? 0) < -waitingMax) end()
        }, lastEventId)
        if (stopping.aborted || feed.isClosed) end()
      },
      cancel: () => stop(),
    },
    { highWaterMark: 1 },
  )
}

function format({ id, event, data }: FeedEvent): string {
  return `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}
