import { openBackend } from './backend.ts'
import { openQueues } from './produce.ts'
import type { OnError } from './report.ts'

/**
 * Deletes all jobs and whatever else the queues of this prefix keep on Redis. For installations that live only for a
 * while, once nothing works on them any more. @throws an error that says what to do when Redis cannot be reached
 */
export async function eraseQueue(options: {
  databaseUrl: string
  redisUrl: string
  prefix: string
  onError: OnError
}): Promise<void> {
  const backend = await openBackend(options)
  const queues = Object.values(await openQueues(backend, options.onError))
  try {
    for (const queue of queues) await queue.obliterate({ force: true })
  } finally {
    await Promise.allSettled(queues.map((queue) => queue.close()))
    await backend.close()
  }
}
