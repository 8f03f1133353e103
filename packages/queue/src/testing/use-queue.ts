import { afterAll, afterEach, beforeAll } from 'vitest'
import { openQueue, type Queue } from '../queue.ts'
import type { ErrorContext } from '../report.ts'
import type { TestBackend, TestServer } from './servers.ts'

export type ReportedError = ErrorContext & { error: Error }

/** A server for the tests of one `describe`. Queues that a test opens are closed after it. */
export function useQueue(backend: TestBackend) {
  let server: TestServer | undefined
  const opened: Queue[] = []
  beforeAll(async () => {
    server = await backend.start()
  })
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()))
  })
  afterAll(() => server?.stop())
  return {
    get server(): TestServer {
      if (!server) throw new Error('the server is not started yet: use it inside a test')
      return server
    },
    /** One process of its own, as far as the queue is concerned. `errors` fills up as they are reported. */
    async open(): Promise<{ queue: Queue; errors: ReportedError[] }> {
      const errors: ReportedError[] = []
      const queue = await openQueue({ ...this.server, onError: (error, about) => errors.push({ error, ...about }) })
      opened.push(queue)
      return { queue, errors }
    },
  }
}
