import { expect, test } from 'vitest'
import { counter, createRegistry, gauge } from './metrics.ts'

test('a registry shows what the process defines, under its role', async () => {
  const registry = createRegistry('scheduler')
  counter(registry, { name: 'outdial_claims_total', help: 'Claims.', labels: ['result'] }).inc({ result: 'ok' }, 3)
  gauge(registry, { name: 'outdial_calls_open', help: 'Open calls.', collect: (self) => self.set(7) })
  const text = await registry.metrics()
  expect(text).toContain('outdial_claims_total{result="ok",role="scheduler"} 3')
  expect(text).toContain('outdial_calls_open{role="scheduler"} 7')
  expect(text).toContain('nodejs_version_info')
})

test('two processes in one do not meet', async () => {
  const [one, other] = [createRegistry('one'), createRegistry('other')]
  counter(one, { name: 'outdial_seen_total', help: 'Seen.' }).inc()
  expect(await other.metrics()).not.toContain('outdial_seen_total')
})
