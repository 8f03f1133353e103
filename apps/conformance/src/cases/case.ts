import type { Stage } from './stage.ts'

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json }

/** What a case saw, in a form that is the same on every run: see `normalise`. */
export type Observations = { [name: string]: Json }

export type Case = {
  /** kebab-case, unique. */
  name: string
  /** What is tried, for people. */
  title: string
  run(stage: Stage): Promise<Observations>
  /** What came of it in a few words, for the table. */
  tell(seen: Observations): string
  /** Where the simulator differs on purpose: a path of the observations, and why. */
  differs?: Record<string, string>
  /** What else there is to know, such as other versions. */
  note?: string
}

/** Types `tell` by what `run` returns. */
export function defineCase<O extends Observations>(
  each: Omit<Case, 'run' | 'tell'> & { run(stage: Stage): Promise<O>; tell(seen: O): string },
): Case {
  // What is told of was seen by the same case, now or when it was recorded.
  return { ...each, tell: (seen) => each.tell(seen as O) }
}
