import { fillCampaign } from '@outdial/dialing/campaigns/fill-campaign'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import type { Clock, Deps } from '@outdial/dialing/deps'
import { tendRecordings } from '@outdial/dialing/recordings/tend-recordings'
import { sweep } from '@outdial/dialing/sweep/sweep'

/** Real time between two sweeps. */
const sweepIntervalMs = 1_000

const concurrency = { tick: 8, fill: 2 }

/** Claims on time and sweeps; owns no rules. Any number may run. */
export async function startScheduler(deps: Deps, clock: Clock): Promise<{ stop(): Promise<void> }> {
  const ticks = await deps.queue.work(
    'tick',
    async ({ trunkId }) => void (await claimForLane(deps, { trunkId, now: clock.now() })),
    { concurrency: concurrency.tick },
  )
  const fills = await deps.queue.work(
    'fill',
    ({ campaignId }) => fillCampaign(deps, { campaignId, now: clock.now() }),
    { concurrency: concurrency.fill },
  )
  const sweeps = every(sweepIntervalMs, async () => {
    await sweep(deps, clock.now()).catch((err: unknown) =>
      deps.log.error({ err }, 'the sweep failed; the next one goes on'),
    )
  })
  const recordings = every(sweepIntervalMs, async () => {
    await tendRecordings(deps, clock.now()).catch((err: unknown) =>
      deps.log.error({ err }, 'recordings could not be looked after; the next round goes on'),
    )
  })
  return {
    stop: async () => {
      await Promise.all([ticks.close(), fills.close(), sweeps.stop(), recordings.stop()])
    },
  }
}

/** Runs `work` again and again, never twice at once. */
function every(intervalMs: number, work: () => Promise<void>): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  let running: Promise<void> = Promise.resolve()
  const next = () => {
    if (!stopped) timer = setTimeout(run, intervalMs)
  }
  const run = () => {
    running = work().finally(next)
  }
  run()
  return {
    stop: async () => {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}
