import { applySignals } from '@outdial/dialing/calls/apply-signals'
import type { Clock, Deps } from '@outdial/dialing/deps'

/** Applies what was received, whoever received it. Any number of processes may. */
export async function startApplying(deps: Deps, clock: Clock): Promise<{ stop(): Promise<void> }> {
  const consumer = await deps.queue.work('apply', async () => void (await applySignals(deps, clock.now())), {
    concurrency: 4,
  })
  return { stop: () => consumer.close() }
}
