import { applySignals } from '@outdial/dialing/calls/apply-signals'
import type { Clock, Deps } from '@outdial/dialing/deps'

/** Applies what was received, whoever received it. Any number of processes may. */
export async function startApplying(deps: Deps, clock: Clock): Promise<{ stop(): Promise<void> }> {
  let stopping = false
  const applyAll = async () => {
    while (!stopping && (await applySignals(deps, clock.now())));
  }
  const consumer = await deps.queue.work('apply', applyAll, { concurrency: 4 })
  return {
    stop: async () => {
      stopping = true
      await consumer.close()
    },
  }
}
