import { chaosDirectory } from './config.ts'
import { keepEvidence } from './keep-evidence.ts'
import { type ChaosOptions, readOptions } from './options.ts'
import { describePlan } from './plan/describe-plan.ts'
import { makePlan } from './plan/plan.ts'
import { type Backend, runSeed, type SeedResult } from './run/run-seed.ts'
import { describeBreaches, describeResult, type JsonResult, toJson } from './tell.ts'

/** What a seed may take: the deadline of its drain, and what comes before and after. */
const longestSeedMs = 75_000

const options = readOptions(process.argv)
const say = (text: string) => (options.json ? process.stderr : process.stdout).write(`${text}\n`)
if (options.plan) for (const seed of options.seeds) say(describePlan(makePlan(seed)))
else process.exitCode = await runAll(options)

async function runAll({ seeds, backends, minutes, json }: ChaosOptions): Promise<number> {
  const deadlineMs = Date.now() + minutes * 60_000
  const runs = seeds.flatMap((seed) => backends.map((backend) => ({ seed, backend })))
  const results: JsonResult[] = []
  for (const { seed, backend } of runs) {
    if (results.length > 0 && Date.now() + longestSeedMs > deadlineMs) break
    results.push(await runOne(seed, backend))
  }
  const failed = results.filter(({ ok }) => !ok).length
  const left = runs.length - results.length
  if (left > 0) say(`${left} of ${runs.length} runs were left out: the ${minutes} minutes are over`)
  if (json) process.stdout.write(`${JSON.stringify({ results, left, ok: failed === 0 })}\n`)
  say(`${results.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

async function runOne(seed: number, backend: Backend): Promise<JsonResult> {
  const plan = makePlan(seed)
  const result = await runSeed(plan, backend).catch((error: unknown) =>
    String(error instanceof Error ? error.stack : error),
  )
  const replay = `npm run chaos -- --seed ${seed} --backend ${backend}`
  if (typeof result === 'string') {
    say(`seed ${seed}  ${backend}  could not be run: ${result}\n  again: ${replay}`)
    return { seed, backend, ok: false, error: result, replay }
  }
  say(describeResult(result))
  const folder = result.breaches.length > 0 ? await tellFailure({ plan, result }) : undefined
  return toJson(result, { replay, folder })
}

async function tellFailure({ plan, result }: { plan: ReturnType<typeof makePlan>; result: SeedResult }) {
  const folder = await keepEvidence(chaosDirectory, { plan, result })
  say(describeBreaches(result.breaches))
  say(`  evidence: ${folder}\n  again:    npm run chaos -- --seed ${result.seed} --backend ${result.backend}`)
  return folder
}
