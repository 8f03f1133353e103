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

/** Runs the cases, so many at a time, and tells of each as it ends. Never throws for what a case does. */
export async function runCases(
  cases: readonly Case[],
  { target, atOnce, onEnd }: { target: Target; atOnce: number; onEnd?: (ran: Ran) => void },
): Promise<Ran[]> {
  const waiting = [...cases]
  const all: Ran[] = []
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const ran = await runCase(next, target)
      all.push(ran)
      onEnd?.(ran)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return cases.flatMap(({ name }) => all.filter((ran) => ran.name === name))
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
