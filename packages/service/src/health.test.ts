import { afterEach, describe, expect, test, vi } from 'vitest'
import { healthRoutes } from './health.ts'
import { createRegistry } from './metrics.ts'

const registry = createRegistry('test')
const passing = async () => {}

afterEach(() => {
  vi.useRealTimers()
})

describe('healthRoutes', () => {
  test('alive is alive, whatever fails', async () => {
    const app = healthRoutes({ checks: { database: () => Promise.reject(new Error('down')) }, registry })
    expect((await app.request('/healthz')).status).toBe(200)
  })

  test('ready when all checks pass', async () => {
    const response = await healthRoutes({ checks: { database: passing, queue: passing }, registry }).request('/readyz')
    expect([response.status, await response.json()]).toEqual([200, { status: 'ready', checks: ['database', 'queue'] }])
  })

  test('not ready names what failed and why', async () => {
    const throws = () => {
      throw new Error('no such thing')
    }
    const rejects = () => Promise.reject(new Error('refused'))
    const response = await healthRoutes({
      checks: { database: rejects, queue: passing, odd: throws },
      registry,
    }).request('/readyz')
    const failed = [
      { name: 'database', error: 'refused' },
      { name: 'odd', error: 'no such thing' },
    ]
    expect([response.status, await response.json()]).toEqual([503, { status: 'not ready', failed }])
  })

  test('a check that does not answer has failed after two seconds', async () => {
    vi.useFakeTimers()
    const app = healthRoutes({ checks: { livekit: () => new Promise(() => {}) }, registry })
    const asked = app.request('/readyz')
    await vi.advanceTimersByTimeAsync(2_000)
    const response = await asked
    expect(await response.json()).toMatchObject({ failed: [{ name: 'livekit', error: 'no answer within 2000 ms' }] })
  })

  test('metrics are in the format of Prometheus', async () => {
    const response = await healthRoutes({ checks: {}, registry }).request('/metrics')
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toContain('process_cpu_seconds_total')
  })
})
