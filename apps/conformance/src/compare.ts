import type { Json, Observations } from './cases/case.ts'

/** One place where two observations are not the same. */
export type Difference = { path: string; livekit: Json | undefined; simulator: Json | undefined }

/** All places where the two saw different things, by path such as `answer.body.code`. */
export function compare(seen: { livekit: Observations; simulator: Observations }): Difference[] {
  return differencesAt('', seen)
}

function differencesAt(
  path: string,
  { livekit, simulator }: { livekit: Json | undefined; simulator: Json | undefined },
): Difference[] {
  if (livekit === simulator) return []
  if (!isTree(livekit) || !isTree(simulator) || Array.isArray(livekit) !== Array.isArray(simulator)) {
    return [{ path, livekit, simulator }]
  }
  const [left, right] = [new Map(Object.entries(livekit)), new Map(Object.entries(simulator))]
  const names = new Set([...left.keys(), ...right.keys()])
  return [...names].flatMap((name) =>
    differencesAt(path === '' ? name : `${path}.${name}`, { livekit: left.get(name), simulator: right.get(name) }),
  )
}

function isTree(value: Json | undefined): value is Json[] | { [name: string]: Json } {
  return typeof value === 'object' && value !== null
}

/** Those that nobody has given a reason for. `excused`: a path, or the beginning of one, and why it differs. */
export function unexcused(differences: Difference[], excused: Record<string, string> = {}): Difference[] {
  const reasons = Object.keys(excused)
  return differences.filter((difference) => !reasons.some((path) => isExcused(difference, path)))
}

export function isExcused({ path }: Difference, by: string): boolean {
  return path === by || path.startsWith(`${by}.`)
}

/** For people: one line. */
export function describeDifference({ path, livekit, simulator }: Difference): string {
  const words = (value: Json | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value))
  return `${path}: LiveKit ${words(livekit)}, simulator ${words(simulator)}`
}
