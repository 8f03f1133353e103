import type { Case, Observations } from './cases/case.ts'
import { Stage } from './cases/stage.ts'
import type { Target } from './targets/target.ts'

export type Ran = {
  name: string
  /** Undefined where it broke down. */
  seen: Observations | undefined
  /** What Outdial relies on and did not get, or why the case broke down. */
  failures: string[]
  lastedMs: number
}

/** What a case came to: `failures` are those of the judge. */
export type Result = Ran & { again: boolean }

export type Running = {
  target: Target
  atOnce: number
  /** Why what a case did is not what it should be; nothing where it is. */
  judge: (ran: Ran) => string[]
  onEnd?: (result: Result) => void
}

/**
 * Runs the cases, so many at a time, and tells of each as it ends. What fails is tried once more by itself: a busy
 * machine makes late what depends on time. Never throws for what a case does.
 */
export async function runCases(cases: readonly Case[], { target, atOnce, judge, onEnd }: Running): Promise<Result[]> {
  const all = new Map<string, Result>()
  const run = async (each: Case, again: boolean) => {
    const ran = await runCase(each, target)
    const result = { ...ran, failures: judge(ran), again }
    all.set(each.name, result)
    onEnd?.(result)
  }
  const waiting = [...cases]
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await run(next, false)
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  for (const each of cases) if ((all.get(each.name)?.failures ?? []).length > 0) await run(each, true)
  return [...all.values()]
}

async function runCase({ name, run }: Case, target: Target): Promise<Ran> {
  const stage = new Stage(target, name)
  const begunMs = performance.now()
  const lasted = () => Math.round(performance.now() - begunMs)
  try {
    const seen = await run(stage)
    return { name, seen, failures: stage.failures, lastedMs: lasted() }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { name, seen: undefined, failures: [...stage.failures, why], lastedMs: lasted() }
  }
}
