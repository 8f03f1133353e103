import { readTranscript, type Transcript } from '@outdial/dialing/calls/transcripts'
import type { Who } from '@outdial/dialing/deps'
import type { RouteDeps } from '../context.ts'
import { Problem } from '../http/problem.ts'

const lookEveryMs = 1_000
const heartbeatEvery = 15
/** Real time after the end of a call in which the agent's report comes, and in which it may be mended. */
const waitMs = { forReport: 15_000, afterReport: 2_000 }
const streamsPerWorkspace = 100

/** The words of single calls, as they are said. The database is asked once a second for each that is watched. */
export function createTranscriptStreams(deps: RouteDeps) {
  const open = new Map<string, number>()
  const count = (workspaceId: string, change: number) => {
    const now = (open.get(workspaceId) ?? 0) + change
    if (now > 0) open.set(workspaceId, now)
    else open.delete(workspaceId)
  }
  return {
    /** Throws NotFound, and a problem when too many are open. What it returns starts the stream. */
    async open(who: Who, callId: string): Promise<() => ReadableStream<Uint8Array>> {
      if ((open.get(who.workspaceId) ?? 0) >= streamsPerWorkspace) throw tooMany()
      const first = await readTranscript(deps, who, { callId })
      return () => {
        count(who.workspaceId, 1)
        return stream(deps, { who, first, onEnd: () => count(who.workspaceId, -1) })
      }
    },
  }
}

function tooMany(): Problem {
  const detail = `The workspace watches ${streamsPerWorkspace} transcripts on this server. Close some first.`
  return new Problem(429, 'too_many_streams', { detail, headers: { 'retry-after': '10' } })
}

function stream(
  deps: RouteDeps,
  { who, first, onEnd }: { who: Who; first: Transcript; onEnd: () => void },
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  const leaving = new AbortController()
  let isCounted = true
  const leave = () => {
    leaving.abort()
    if (isCounted) onEnd()
    isCounted = false
  }
  return new ReadableStream<Uint8Array>({
    async start(controller) {
      const send = (text: string) => controller.enqueue(encoder.encode(text))
      send(`retry: 2000\n\n`)
      const hasEnded = await follow(deps, { who, first, send, leaving: leaving.signal })
      if (leaving.signal.aborted) return
      if (hasEnded) send('event: end\ndata: {}\n\n')
      controller.close()
      leave()
    },
    cancel: leave,
  })
}

/** True when no more will come, false when somebody left, the process stops, or the call is gone. */
async function follow(
  deps: RouteDeps,
  watch: { who: Who; first: Transcript; send: (text: string) => void; leaving: AbortSignal },
): Promise<boolean> {
  const { who, send, leaving } = watch
  const isOver = () => leaving.aborted || deps.stopping.aborted
  let known = ''
  let overSinceMs = Number.POSITIVE_INFINITY
  for (let n = 1, transcript = watch.first; !isOver(); n += 1) {
    const text = JSON.stringify(transcript)
    if (text !== known) send(`event: transcript\ndata: ${text}\n\n`)
    else if (n % heartbeatEvery === 0) send(': still here\n\n')
    known = text
    if (transcript.isOver) overSinceMs = Math.min(overSinceMs, performance.now())
    const patienceMs = transcript.isReported ? waitMs.afterReport : waitMs.forReport
    if (transcript.deletedAt || performance.now() - overSinceMs > patienceMs) return true
    await pause(lookEveryMs, [leaving, deps.stopping])
    if (isOver()) return false
    transcript = await readTranscript(deps, who, { callId: transcript.callId }).catch((error: unknown) => {
      deps.log.warn({ err: error, callId: transcript.callId }, 'could not look at a transcript that is watched')
      return transcript
    })
  }
  return false
}

function pause(ms: number, signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      for (const signal of signals) signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    for (const signal of signals) signal.addEventListener('abort', end)
  })
}
