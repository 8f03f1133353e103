import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { ApiClient } from '../world/api-client.ts'
import type { World } from '../world/world.ts'

const campaign = z.object({ id: z.string(), executionStatus: z.string() })
const call = z.object({ id: z.string() })
const openStatuses = ['pending', 'calling', 'answered']
const patienceMs = 90_000

/** Stops what still runs and waits until no call is open, so that what the product says can be held against its log. */
export async function settle(world: World): Promise<void> {
  for (const { api } of world.workspaces) {
    for (const { id, executionStatus } of await api.list('/campaigns', campaign)) {
      if (['running', 'paused'].includes(executionStatus)) await api.send('POST', `/campaigns/${id}/stop`, { body: {} })
    }
  }
  const deadlineMs = Date.now() + patienceMs
  while (await hasOpenCalls(world.workspaces.map(({ api }) => api))) {
    if (Date.now() > deadlineMs) throw new Error(`calls were still open ${patienceMs / 1_000} s after all was stopped`)
    await delay(500)
  }
}

async function hasOpenCalls(apis: ApiClient[]): Promise<boolean> {
  for (const api of apis) {
    for (const status of openStatuses) {
      const { data } = await api.get(`/calls?limit=1&status=${status}`, z.object({ data: z.array(call) }))
      if (data.length > 0) return true
    }
  }
  return false
}
