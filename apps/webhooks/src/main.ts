import { openDatabaseTime } from '@outdial/database/database-time'
import { openDeps } from '@outdial/dialing/open-deps'
import { createClock } from '@outdial/service/clock'
import { clockSettings, providerSettings } from '@outdial/service/environment'
import { healthRoutes } from '@outdial/service/health'
import { listen } from '@outdial/service/http'
import { createLogger } from '@outdial/service/log'
import { createRegistry, tellHostClock } from '@outdial/service/metrics'
import { runProcess } from '@outdial/service/run'
import { startApplying } from './apply.ts'
import { readEnvironment } from './config.ts'
import { startNotifying } from './notify.ts'
import { createWebhooks } from './webhooks.ts'

await runProcess('webhooks', async () => {
  const env = readEnvironment()
  const log = createLogger({ name: 'webhooks', level: env.LOG_LEVEL })
  const time = await openDatabaseTime({ databaseUrl: env.DATABASE_URL, role: 'engine', log })
  const clock = createClock({ ...clockSettings(env), realNowMs: time.nowMs })
  const livekit = { url: env.LIVEKIT_URL, apiKey: env.LIVEKIT_API_KEY, apiSecret: env.LIVEKIT_API_SECRET }
  const { deps, checks, close } = await openDeps({
    ...{ databaseUrl: env.DATABASE_URL, redisUrl: env.REDIS_URL, publicUrl: env.PUBLIC_URL, clock, log, livekit },
    ...{ role: 'engine', maxConnections: 20, allowPrivateNotices: env.NOTICES_ALLOW_PRIVATE },
  })
  const applying = await startApplying(deps, clock)
  const notifying = await startNotifying(deps, clock)
  const app = createWebhooks({ deps, clock, livekit, providers: providerSettings(env) })
  const registry = createRegistry('webhooks')
  tellHostClock(registry, time)
  app.route('/', healthRoutes({ checks, registry }))
  const server = await listen(app, { port: env.PORT, host: env.HOST })
  return {
    stop: async () => {
      await server.close()
      await applying.stop()
      await notifying.stop()
      await close()
      await time.close()
    },
  }
})
