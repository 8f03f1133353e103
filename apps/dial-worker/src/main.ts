import { openDatabaseTime } from '@outdial/database/database-time'
import type { DialEnding } from '@outdial/dialing/dial/dial-call'
import { openDeps } from '@outdial/dialing/open-deps'
import { createClock } from '@outdial/service/clock'
import { clockSettings, recordingSettings } from '@outdial/service/environment'
import { healthRoutes } from '@outdial/service/health'
import { listen } from '@outdial/service/http'
import { createLogger } from '@outdial/service/log'
import { counter, createRegistry, tellHostClock } from '@outdial/service/metrics'
import { runProcess } from '@outdial/service/run'
import { readEnvironment } from './config.ts'
import { startDialWorker } from './dial-worker.ts'

/** Ringing phones settle within LiveKit's longest ring timeout (80 s) and the time for its answer. */
const stopDeadlineMs = 100_000

await runProcess(
  'dial-worker',
  async () => {
    const env = readEnvironment()
    const log = createLogger({ name: 'dial-worker', level: env.LOG_LEVEL })
    const time = await openDatabaseTime({ databaseUrl: env.DATABASE_URL, role: 'engine', log })
    const clock = createClock({ ...clockSettings(env), realNowMs: time.nowMs })
    const { deps, checks, close } = await openDeps({
      ...{ databaseUrl: env.DATABASE_URL, redisUrl: env.REDIS_URL, publicUrl: env.PUBLIC_URL, clock, log },
      ...{ recordings: recordingSettings(env), allowPrivateNotices: env.NOTICES_ALLOW_PRIVATE },
      failAt: env.FAIL_AT,
      ...{ role: 'engine', maxConnections: 20 },
      livekit: { url: env.LIVEKIT_URL, apiKey: env.LIVEKIT_API_KEY, apiSecret: env.LIVEKIT_API_SECRET },
    })
    const registry = createRegistry('dial-worker')
    tellHostClock(registry, time)
    const help = 'Dial jobs by how they ended: answered, failed, unclear, refused (no permit) or gone (not ours)'
    const dials = counter<'ending'>(registry, { name: 'outdial_dials_total', help, labels: ['ending'] })
    const onDial = (ending: DialEnding) => dials.inc({ ending })
    const worker = await startDialWorker(deps, { clock, concurrency: env.DIAL_CONCURRENCY, onDial })
    const server = await listen(healthRoutes({ checks, registry }), { port: env.PORT, host: env.HOST })
    return {
      stop: async () => {
        await worker.stop()
        await server.close()
        await close()
        await time.close()
      },
    }
  },
  { stopDeadlineMs },
)
