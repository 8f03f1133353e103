import { openDatabaseTime } from '@outdial/database/database-time'
import { openDeps } from '@outdial/dialing/open-deps'
import { createClock } from '@outdial/service/clock'
import { clockSettings, recordingSettings } from '@outdial/service/environment'
import { healthRoutes } from '@outdial/service/health'
import { listen } from '@outdial/service/http'
import { createLogger } from '@outdial/service/log'
import { createRegistry, tellHostClock } from '@outdial/service/metrics'
import { runProcess } from '@outdial/service/run'
import { readEnvironment } from './config.ts'
import { startScheduler } from './scheduler.ts'
import { registerWorkload } from './workload-metrics.ts'

await runProcess('scheduler', async () => {
  const env = readEnvironment()
  const log = createLogger({ name: 'scheduler', level: env.LOG_LEVEL })
  const time = await openDatabaseTime({ databaseUrl: env.DATABASE_URL, role: 'engine', log })
  const clock = createClock({ ...clockSettings(env), realNowMs: time.nowMs })
  const { deps, checks, close } = await openDeps({
    ...{ databaseUrl: env.DATABASE_URL, redisUrl: env.REDIS_URL, publicUrl: env.PUBLIC_URL, clock, log },
    recordings: recordingSettings(env),
    failAt: env.FAIL_AT,
    ...{ role: 'engine', maxConnections: 10 },
    livekit: { url: env.LIVEKIT_URL, apiKey: env.LIVEKIT_API_KEY, apiSecret: env.LIVEKIT_API_SECRET },
  })
  const scheduler = await startScheduler(deps, clock, { eventLogDays: env.EVENT_LOG_RETENTION_DAYS ?? null })
  const registry = createRegistry('scheduler')
  tellHostClock(registry, time)
  registerWorkload(registry, deps, clock)
  const server = await listen(healthRoutes({ checks, registry }), { port: env.PORT, host: env.HOST })
  return {
    stop: async () => {
      await scheduler.stop()
      await server.close()
      await close()
      await time.close()
    },
  }
})
