import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { LedgerSummary } from '../world/simulator-process.ts'
import type { World } from '../world/world.ts'

const intervalMs = 250

/** Looks at the network until `condition` holds. @throws with the last look when that takes longer than `seconds` */
export async function waitForNetwork(
  world: World,
  wait: { until: (summary: LedgerSummary) => boolean; seconds: number; what: string },
): Promise<void> {
  const deadlineMs = Date.now() + wait.seconds * 1_000
  for (;;) {
    const summary = await world.simulator.summary()
    if (wait.until(summary)) return
    if (Date.now() > deadlineMs) {
      const seen = JSON.stringify(summary)
      throw new Error(`${wait.what} did not happen within ${wait.seconds} s. The network saw: ${seen}`)
    }
    await delay(intervalMs)
  }
}

const standing = z.object({
  executionStatus: z.string(),
  contacts: z.looseObject({ total: z.int(), finished: z.int() }),
  notCalling: z.looseObject({ reason: z.string() }).nullable(),
})

/** Waits until everybody was called. @throws when that takes longer, or the campaign ends otherwise */
export async function waitForCompletion(world: World, wait: { campaignId: string; seconds: number }): Promise<void> {
  const api = world.workspaces[0]?.api
  const deadlineMs = Date.now() + wait.seconds * 1_000
  for (;;) {
    const status = await api?.get(`/campaigns/${wait.campaignId}/status`, standing)
    if (status?.executionStatus === 'completed') return
    if (status?.executionStatus !== 'running' || Date.now() > deadlineMs) {
      throw new Error(`the campaign was not completed within ${wait.seconds} s: ${JSON.stringify(status)}`)
    }
    await delay(2 * intervalMs)
  }
}
