import { once } from 'node:events'
import { ensureTrunk } from '@outdial/dialing/trunks/ensure-trunk'
import { ensureDefaultWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { callDefaults, clockSettings, providerSettings, recordingSettings } from '@outdial/service/environment'
import { Command } from 'commander'
import { type AllInOneOptions, startAll } from '../all-in-one.ts'
import { type DevEnvironment, postgresDirectory, readDevEnvironment } from '../config.ts'
import { describeDev } from '../dev/describe-dev.ts'
import { findOwnApiKey } from '../dev/own-api-key.ts'
import { ensureSample, sampleTrunk } from '../dev/sample.ts'
import { watchForStop } from '../stop-signal.ts'
import { createTerminal, type Terminal } from '../terminal.ts'

const help = `
Environment:
  PORT                 where API and webhooks listen (3000, or the next one that is free)
  SIMULATOR_PORT       where the LiveKit simulator listens (7880, or the next one that is free)
  HOST                 the address to listen on (127.0.0.1; 0.0.0.0 for everybody)
  OUTDIAL_API_KEY      a key for the workspace "Default"; made if missing
  DATABASE_URL         your PostgreSQL, instead of an embedded one
  REDIS_URL            your Redis for the queue, instead of PostgreSQL
  LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET
                       your LiveKit project, instead of the simulator: real telephones ring
  PUBLIC_URL           where LiveKit and agents reach this process from outside
  TWILIO_AUTH_TOKEN, EXOTEL_CALLBACK_SECRET, LIVEKIT_SIP_URI
                       for callbacks of trunks' providers, see docs/providers.md
  JWT_SECRET, JWKS_URL how tokens are checked, besides API keys
  LIVEKIT_AGENT_NAME, LIVEKIT_SIP_OUTBOUND_TRUNK_ID, LIVEKIT_SIP_FROM_NUMBER
                       for calls that name neither agent, trunk nor number
  LOG_LEVEL            warn, unless you want to hear more (info, debug)`

export function devCommand(): Command {
  return new Command('dev')
    .summary('run everything in one process')
    .description(
      'Runs API, scheduler, dial worker and webhooks in one process, with an embedded PostgreSQL and a LiveKit ' +
        'simulator unless the environment names others. Ctrl-C stops it; the data stays.',
    )
    .addHelpText('after', help)
    .action(runDev)
}

async function runDev(): Promise<void> {
  const env = readDevEnvironment()
  const terminal = createTerminal()
  const stop = watchForStop(() => terminal.say('Stopping. Ctrl-C again ends it at once.'))
  const apiKey = env.OUTDIAL_API_KEY ?? (await findOwnApiKey(env.OUTDIAL_DATA_DIRECTORY))
  const all = await startAll(toOptions(env, terminal))
  try {
    const workspace = await ensureDefaultWorkspace(all.deps, { apiKey, now: new Date() })
    const sample = all.simulator ? await ensureSample(all.deps, workspace) : null
    const { livekitTrunkId, fromNumber } = callDefaults(env)
    if (livekitTrunkId) {
      const who = { workspaceId: workspace.id, actor: 'setup', now: new Date() }
      await ensureTrunk(all.deps, who, { livekitTrunkId, fromNumber })
    }
    terminal.keep()
    for (const line of describeDev({ env, all, apiKey, sample })) process.stdout.write(`${line}\n`)
    if (!stop.aborted) await once(stop, 'abort')
  } finally {
    await all.stop()
  }
}

function toOptions(env: DevEnvironment, terminal: Terminal): AllInOneOptions {
  return {
    database: {
      url: env.DATABASE_URL,
      directory: postgresDirectory(env.OUTDIAL_DATA_DIRECTORY, 'dev'),
      isFresh: false,
    },
    redis: env.REDIS_URL ? { url: env.REDIS_URL } : undefined,
    livekit: livekitOf(env),
    recordings: recordingSettings(env) ?? 'simulator',
    http: {
      host: env.HOST,
      port: { port: env.PORT ?? 3000, isFixed: env.PORT !== undefined },
      publicUrl: env.PUBLIC_URL,
    },
    auth: { jwtSecret: env.JWT_SECRET, jwksUrl: env.JWKS_URL },
    callDefaults: callDefaults(env),
    allowPrivateNotices: env.NOTICES_ALLOW_PRIVATE,
    providers: providerSettings(env),
    clock: clockSettings(env),
    log: terminal.log({ name: 'outdial', level: env.LOG_LEVEL }),
    onStep: (step) => terminal.live([`${step} …`]),
  }
}

function livekitOf(env: DevEnvironment): AllInOneOptions['livekit'] {
  const apiKey = env.LIVEKIT_API_KEY ?? 'devkey'
  const apiSecret = env.LIVEKIT_API_SECRET ?? 'devsecret-of-the-outdial-simulator'
  if (env.LIVEKIT_URL) return { url: env.LIVEKIT_URL, apiKey, apiSecret }
  const port = { port: env.SIMULATOR_PORT ?? 7880, isFixed: env.SIMULATOR_PORT !== undefined }
  return { port, seed: 1, apiKey, apiSecret, trunks: [sampleTrunk] }
}
