import { fillCampaign } from '@outdial/dialing/campaigns/fill-campaign'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import type { Clock, Deps } from '@outdial/dialing/deps'
import { tendRecordings } from '@outdial/dialing/recordings/tend-recordings'
import { forget } from '@outdial/dialing/sweep/forget'
import { sweep } from '@outdial/dialing/sweep/sweep'

/** Real time between two sweeps. */
const sweepIntervalMs = 1_000

/** Real time between two looks for what has been kept long enough, and how many batches go at a look. */
const forgetIntervalMs = 60_000
const batchesPerLook = 20

const concurrency = { tick: 8, fill: 2 }

/** Claims on time and sweeps; owns no rules. Any number may run. `eventLogDays`: null keeps the event log for good. */
export async function startScheduler(
  deps: Deps,
  clock: Clock,
  { eventLogDays = null }: { eventLogDays?: number | null } = {},
): Promise<{ stop(): Promise<void> }> {
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
  const keeping = every(forgetIntervalMs, async () => {
    await forgetAll(deps, { clock, eventLogDays }).catch((err: unknown) =>
      deps.log.error({ err }, 'what is old could not be deleted; the next look goes on'),
    )
  })
  return {
    stop: async () => {
      await Promise.all([ticks.close(), fills.close(), sweeps.stop(), recordings.stop(), keeping.stop()])
    },
  }
}

async function forgetAll(deps: Deps, wish: { clock: Clock; eventLogDays: number | null }): Promise<void> {
  const { clock, eventLogDays } = wish
  for (let batch = 0; batch < batchesPerLook; batch += 1) {
    const gone = await forget(deps, { now: clock.now(), realNow: clock.realNow(), eventLogDays })
    if (Object.values(gone).every((count) => count === 0)) return
    deps.log.info(gone, 'deleted what was kept long enough')
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
