import type { Clock, Deps } from '@outdial/dialing/deps'
import { deliverNotices } from '@outdial/dialing/notices/deliver-notices'

/** Delivers notices when the sweep or somebody who asked for it says that there are some. Any number of processes may. */
export async function startNotifying(deps: Deps, clock: Clock): Promise<{ stop(): Promise<void> }> {
  const stopping = new AbortController()
  const deliverAll = async () => void (await deliverNotices(deps, clock, { stopping: stopping.signal }))
  const consumer = await deps.queue.work('notify', deliverAll, { concurrency: 4 })
  return {
    stop: async () => {
      stopping.abort()
      await consumer.close()
    },
  }
}
