/** Server-sent events: feeds that are open as long as somebody watches them, and the streams of the watchers. */
import type { Who } from '@outdial/dialing/deps'
import type { Context } from 'hono'
import type { ApiEnv, RouteDeps } from '../context.ts'
import type { FeedEvent, Watcher } from './audience.ts'
import { Problem } from './problem.ts'

const heartbeatMs = 15_000
/** A feed outlives its last watcher, so that one who comes back finds the events it missed. */
const lingerMs = 30_000
const streamsPerWorkspace = 100
/** A client that does not read is let go when so much waits for it; it comes back with its last event. */
const waitingMax = 2_000

export type Feed = {
  /** Looks for the first time. May throw NotFound. */
  open(): Promise<void>
  /** What it is about is gone, or nobody watches any more. */
  readonly isClosed: boolean
  watch(watcher: Watcher, lastEventId: string | undefined): () => void
  close(): void
}

export type OpenFeed = { feed: Feed; leave(): void }

/** One feed per workspace and subject that is watched. */
export function createFeeds(
  { stopping }: Pick<RouteDeps, 'stopping'>,
  make: (who: Omit<Who, 'now'>, subject: string) => Feed,
) {
  const feeds = new Map<string, { feed: Feed; opening: Promise<void>; streams: number }>()
  stopping.addEventListener('abort', () => {
    for (const { feed } of feeds.values()) feed.close()
  })

  const open = async ({ workspaceId }: Who, subject: string): Promise<OpenFeed> => {
    const key = `${workspaceId}/${subject}`
    refuseTooMany([...feeds].filter(([each]) => each.startsWith(workspaceId)).map(([, { streams }]) => streams))
    const known = feeds.get(key)
    const entry = known && !known.feed.isClosed ? known : start(key, { workspaceId, subject })
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

  const start = (key: string, { workspaceId, subject }: { workspaceId: string; subject: string }) => {
    const feed = make({ workspaceId, actor: 'feed' }, subject)
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

/** The answer: events until the client leaves, or there is nothing more to come. */
export function sendEvents(
  c: Context<ApiEnv>,
  open: OpenFeed,
  options: { lastEventId: string | undefined; stopping: AbortSignal },
): Response {
  c.header('content-type', 'text/event-stream')
  c.header('cache-control', 'no-store')
  // Proxies such as nginx would hold events back to send them together.
  c.header('x-accel-buffering', 'no')
  // HEAD comes here as well, and nobody would ever read or close its stream.
  if (c.req.method === 'HEAD') {
    open.leave()
    return c.body(null)
  }
  return c.body(stream(open, options))
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
