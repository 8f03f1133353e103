import type { Clock, Deps } from '@outdial/dialing/deps'
import { dialCall } from '@outdial/dialing/dial/dial-call'

/**
 * Runs dial jobs. A job lasts until the callee answers or not, so `concurrency` is how many phones one process can have
 * ringing. Stopping takes no new job and lets ringing calls settle.
 */
export async function startDialWorker(
  deps: Deps,
  options: { clock: Clock; concurrency: number },
): Promise<{ stop(): Promise<void> }> {
  const consumer = await deps.queue.work('dial', ({ callId }) => dialCall(deps, { callId, clock: options.clock }), {
    concurrency: options.concurrency,
  })
  return { stop: () => consumer.close() }
}
