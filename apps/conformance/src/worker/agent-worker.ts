import { once } from 'node:events'
import { forgiveDroppedHandles } from './media-leftovers.ts'
import { runJob } from './run-job.ts'
import type { AgentJob, AgentScript, JobStory } from './script.ts'
import { connectWorker } from './worker-connection.ts'

export type AgentWorkerOptions = {
  /** LiveKit's, as Outdial has it. */
  url: string
  apiKey: string
  apiSecret: string
  /** The name it is dispatched by; '' = every room that asks for no agent by name. */
  agentName: string
  /** What to do with a job; the plain script unless given. */
  scriptOf?: (job: AgentJob) => AgentScript
}

/** A worker that talks by script: many jobs in one process, without models, with real sound. */
export type AgentWorker = {
  /** LiveKit's id of the worker, `AW_…`. */
  id: string
  /** Everything it was offered, in order. A story goes on growing until its job has ended. */
  stories(): JobStory[]
  /** Resolves when no job is under way, or after `patienceMs`, to the jobs that still are. */
  idle(patienceMs?: number): Promise<AgentJob[]>
  /** Ends the connection and all jobs; whoever is talked to stays alone. */
  close(): Promise<void>
}

/** No job of a test lasts longer. */
const longestWaitMs = 600_000
const closePatienceMs = 5_000

/**
 * Registers with LiveKit and takes jobs until it is closed.
 * @throws an error that says what to do when LiveKit does not let it register
 */
export async function startAgentWorker(options: AgentWorkerOptions): Promise<AgentWorker> {
  forgiveDroppedHandles()
  const { url, apiKey, apiSecret } = options
  const stories: JobStory[] = []
  const running = new Map<string, { job: AgentJob; done: Promise<void>; abort: AbortController }>()
  const connection = await connectWorker(options, {
    offered(job) {
      const story = newStory(job)
      stories.push(story)
      return { script: options.scriptOf?.(job) ?? {}, story }
    },
    assigned({ script, story, token, url: assignedUrl }) {
      const { id } = story.job
      const abort = new AbortController()
      const livekit = { url: assignedUrl || url, apiKey, apiSecret }
      const done = runJob({ livekit, token, script, story, signal: abort.signal })
      running.set(id, { job: story.job, abort, done: done.finally(() => running.delete(id)) })
    },
    terminated: (jobId) => running.get(jobId)?.abort.abort(),
  })
  const idle = async (patienceMs = longestWaitMs) => {
    const enough = AbortSignal.timeout(patienceMs)
    const over = once(enough, 'abort')
    while (running.size > 0 && !enough.aborted) {
      await Promise.race([over, Promise.all([...running.values()].map(({ done }) => done))])
    }
    return [...running.values()].map(({ job }) => job)
  }
  return {
    id: connection.workerId,
    stories: () => [...stories],
    idle,
    async close() {
      connection.close()
      for (const { abort } of running.values()) abort.abort()
      await idle(closePatienceMs)
    },
  }
}

function newStory(job: AgentJob): JobStory {
  return {
    ...{ job, offeredMs: Date.now(), callStatuses: [], calleeAttributes: {} },
    ...{ heard: { samples: 0, rms: 0 }, saidMs: 0, reported: [] },
  }
}
