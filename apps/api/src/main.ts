import { connect } from '@outdial/database/client'
import { openDatabaseTime } from '@outdial/database/database-time'
import { openDeps } from '@outdial/dialing/open-deps'
import { ensureTrunk } from '@outdial/dialing/trunks/ensure-trunk'
import { ensureDefaultWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { createClock } from '@outdial/service/clock'
import { callDefaults, clockSettings, recordingSettings } from '@outdial/service/environment'
import { listen } from '@outdial/service/http'
import { createLogger } from '@outdial/service/log'
import { createRegistry, tellHostClock } from '@outdial/service/metrics'
import { runProcess } from '@outdial/service/run'
import { createApi } from './api.ts'
import { readEnvironment } from './config.ts'

await runProcess('api', async () => {
  const env = readEnvironment()
  const log = createLogger({ name: 'api', level: env.LOG_LEVEL })
  const time = await openDatabaseTime({ databaseUrl: env.DATABASE_URL, role: 'api', log })
  const clock = createClock({ ...clockSettings(env), realNowMs: time.nowMs })
  const workspace =
    env.OUTDIAL_API_KEY &&
    (await makeKey({ databaseUrl: env.DATABASE_URL, apiKey: env.OUTDIAL_API_KEY, now: clock.now() }))
  const { deps, checks, close } = await openDeps({
    ...{ databaseUrl: env.DATABASE_URL, redisUrl: env.REDIS_URL, publicUrl: env.PUBLIC_URL, clock, log },
    ...{ recordings: recordingSettings(env), allowPrivateNotices: env.NOTICES_ALLOW_PRIVATE },
    ...{ role: 'api', maxConnections: 20 },
    livekit: { url: env.LIVEKIT_URL, apiKey: env.LIVEKIT_API_KEY, apiSecret: env.LIVEKIT_API_SECRET },
  })
  const { livekitTrunkId, fromNumber } = callDefaults(env)
  if (workspace && livekitTrunkId) {
    const who = { workspaceId: workspace.id, actor: 'setup', now: clock.now() }
    await ensureTrunk(deps, who, { livekitTrunkId, fromNumber })
  }
  const registry = createRegistry('api')
  tellHostClock(registry, time)
  const stopping = new AbortController()
  const app = createApi({
    ...{ deps, clock, publicUrl: env.PUBLIC_URL, requestsPerMinute: env.RATE_LIMIT_PER_MINUTE },
    auth: { jwtSecret: env.JWT_SECRET, jwksUrl: env.JWKS_URL },
    callDefaults: callDefaults(env),
    health: { checks, registry },
    stopping: stopping.signal,
  })
  const server = await listen(app, { port: env.PORT, host: env.HOST })
  return {
    stop: async () => {
      stopping.abort()
      await server.close()
      await close()
      await time.close()
    },
  }
})

/** As `engine`, since the API's own role sees one workspace at a time and can make none. */
async function makeKey({
  databaseUrl,
  ...wish
}: {
  databaseUrl: string
  apiKey: string
  now: Date
}): Promise<{ id: string }> {
  const database = connect({ url: databaseUrl, role: 'engine', maxConnections: 1 })
  try {
    return await ensureDefaultWorkspace(database, wish)
  } finally {
    await database.close()
  }
}
