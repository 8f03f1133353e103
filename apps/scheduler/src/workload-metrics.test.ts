import { connect } from '@outdial/database/client'
import { createTestDatabase } from '@outdial/database/testing'
import { createClock } from '@outdial/service/clock'
import { createRegistry } from '@outdial/service/metrics'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { registerWorkload } from './workload-metrics.ts'

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  testDatabase = await createTestDatabase()
})
afterAll(() => testDatabase.drop())

it('tells Prometheus what is in hand, at every scrape', async () => {
  const database = connect({ url: testDatabase.url, role: 'engine', maxConnections: 2 })
  const registry = createRegistry('scheduler')
  registerWorkload(registry, { db: database.db }, createClock({ speed: 1, originMs: Date.now() }))
  const text = await registry.metrics()
  expect(text).toContain('outdial_campaigns_running{role="scheduler"} 0')
  expect(text).toContain('outdial_start_lateness_seconds{role="scheduler"} 0')
  expect(text).toContain('outdial_signals_in_trouble{role="scheduler"} 0')
  await database.close()
})
