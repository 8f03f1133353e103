import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { ensureDefaultWorkspace } from '@outdial/dialing/workspaces/workspaces'
import { type AllInOne, type AllInOneOptions, startAll } from '../all-in-one.ts'
import { createApiClient } from '../api/client.ts'
import { type DemoEnvironment, postgresDirectory } from '../config.ts'
import type { Terminal } from '../terminal.ts'
import { type DemoOptions, withContactFile } from './demo-options.ts'
import { count, drawProgress } from './draw-progress.ts'
import { importContacts, launchCampaign, trunkLimitsAt } from './journey.ts'
import { concludeRun, type DemoResult } from './result.ts'
import { summarise } from './summary.ts'
import { watchCampaign } from './watch.ts'

type Demo = { options: DemoOptions; env: DemoEnvironment; terminal: Terminal; signal: AbortSignal }
type World = { all: AllInOne; apiKey: string; startedAtMs: number }

/**
 * Runs the demo in a world of its own and takes it down again. Results go to standard output, all else to the terminal.
 * @throws what `signal` was aborted with, and an error that says what to do when something went wrong
 */
export async function runDemo(demo: Demo): Promise<DemoResult> {
  const startedAtMs = performance.now()
  const originMs = Date.now()
  const all = await startAll(toOptions(demo, originMs))
  try {
    demo.signal.throwIfAborted()
    const apiKey = `odk_${randomBytes(32).toString('base64url')}`
    await ensureDefaultWorkspace(all.deps, { apiKey, now: new Date(originMs) })
    const world = { all, apiKey, startedAtMs }
    const result = await withContactFile(demo.options, (path) => play(demo, { ...world, path }))
    if (!demo.options.exit) await stayUp(demo, world)
    return result
  } finally {
    await all.stop()
  }
}

/** From the file to the outcomes. */
async function play(demo: Demo, { all, apiKey, ...world }: World & { path: string }): Promise<DemoResult> {
  const { options, terminal, signal } = demo
  const { simulator, deps } = all
  if (!simulator) throw new Error('the demo runs on the simulator only')
  const client = createApiClient({ url: all.url, apiKey, signal })
  const onProgress = (share: number) => terminal.live([`Importing contacts … ${Math.floor(share * 100)} %`])
  const { country, phoneColumn } = options
  const csvFile = await importContacts(client, { path: world.path, country, phoneColumn, onProgress })
  terminal.keep()
  terminal.say(describeImport(csvFile))

  const numbers = ['+12125550199', '+13125550199', '+13105550199']
  const trunk = await deps.livekit.createOutboundTrunk({ name: 'Demo', address: 'sip.simulator.test', numbers })
  const limits = trunkLimitsAt(options.speed)
  const launch = { csvFile, livekitTrunkId: trunk.livekitTrunkId, numbers, limits }
  const campaignId = await launchCampaign(client, launch)
  const launchedAtMs = performance.now()
  const simulatedMs = () => (performance.now() - launchedAtMs) * options.speed
  const last = await watchCampaign(client, {
    ...{ campaignId, signal },
    onLook: (look) => terminal.live(drawProgress(look, { simulatedMs: simulatedMs(), limits })),
  })
  terminal.keep()

  const evidence = { ledger: simulator.url, databaseUrl: all.databaseUrl }
  const { speed, seed } = options
  const queue = options.redisUrl ? 'redis' : 'postgres'
  const run = { campaignId, csvFile, last, evidence, startedAtMs: world.startedAtMs, speed, seed, queue } as const
  const { result, mismatches } = await concludeRun(client, run)
  const lines = summarise({ result, mismatches, last })
  if (options.json) for (const mismatch of mismatches) terminal.say(mismatch)
  else process.stdout.write(`${[...lines, `The API and its reference: ${all.url}/docs`].join('\n')}\n`)
  return result
}

async function stayUp({ terminal, signal }: Demo, { apiKey }: World): Promise<void> {
  terminal.say(`API key: ${apiKey}\nAll of it is still running, for you to look around. Ctrl-C ends it.`)
  if (!signal.aborted) await once(signal, 'abort')
}

function describeImport({
  rows,
  accepted,
  duplicates,
  invalid,
}: Parameters<typeof launchCampaign>[1]['csvFile']): string {
  return `Imported ${count(rows)} ${rows === 1 ? 'row' : 'rows'}: ${count(accepted)} accepted, ${count(duplicates)} duplicates, ${count(invalid)} invalid.`
}

function toOptions({ options, env, terminal }: Demo, originMs: number): AllInOneOptions {
  const temporaryPrefix = `{outdial-demo-${randomBytes(6).toString('hex')}}`
  return {
    database: {
      url: options.databaseUrl,
      directory: postgresDirectory(env.OUTDIAL_DATA_DIRECTORY, 'demo'),
      isFresh: true,
    },
    redis: options.redisUrl ? { url: options.redisUrl, temporaryPrefix } : undefined,
    livekit: {
      port: { port: env.SIMULATOR_PORT ?? 7880, isFixed: env.SIMULATOR_PORT !== undefined },
      ...{ seed: options.seed, apiKey: 'demo', apiSecret: randomBytes(32).toString('base64url') },
    },
    http: { host: env.HOST, port: { port: env.PORT ?? 3000, isFixed: env.PORT !== undefined } },
    auth: {},
    clock: { speed: options.speed, originMs },
    log: terminal.log({ name: 'outdial', level: env.LOG_LEVEL }),
    onStep: (step) => terminal.live([`${step} …`]),
  }
}
