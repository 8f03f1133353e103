import type { Clock, Deps } from '@outdial/dialing/deps'
import { type DialEnding, dialCall } from '@outdial/dialing/dial/dial-call'

/**
 * Runs dial jobs. A job lasts until the callee answers or not, so `concurrency` is how many phones one process can have
 * ringing. Stopping takes no new job and lets ringing calls settle.
 */
export async function startDialWorker(
  deps: Deps,
  options: { clock: Clock; concurrency: number; onDial?: (ending: DialEnding) => void },
): Promise<{ stop(): Promise<void> }> {
  const { clock, concurrency, onDial } = options
  const dial = async ({ callId }: { callId: string }) => {
    const ending = await dialCall(deps, { callId, clock })
    onDial?.(ending)
  }
  const consumer = await deps.queue.work('dial', dial, { concurrency })
  return { stop: () => consumer.close() }
}
