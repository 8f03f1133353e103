import type { Backend, Breach, SeedResult } from './run/run-seed.ts'

export type JsonResult = { seed: number; backend: Backend; ok: boolean; replay: string } & (
  | { error: string }
  | {
      calls: number
      invites: number
      contacts: number
      faults: number
      unknown: number
      seconds: number
      violations: Breach[]
      evidence?: string
    }
)

/** One line for one seed. */
export function describeResult({ seed, backend, facts, faults, breaches, seconds }: SeedResult): string {
  const figures = [
    ...[`${facts.calls} calls`, `${facts.invites} invites`, `${faults} faults`, `${facts.unknown} unknown`],
    ...[`${breaches.length} violations`, `${seconds} s`],
  ]
  return [`seed ${seed}`, backend, ...figures].join('  ')
}

const mostTold = 20

/** Violations in words, those of one rule together. */
export function describeBreaches(breaches: Breach[]): string {
  const told = breaches.slice(0, mostTold).map(({ rule, message, evidence }) => {
    const proof = evidence === null ? '' : `\n      ${JSON.stringify(evidence).slice(0, 600)}`
    return `  ${rule}: ${message}${proof}`
  })
  const more = breaches.length - told.length
  return [...told, ...(more > 0 ? [`  and ${more} more`] : [])].join('\n')
}

export function toJson(
  { seed, backend, facts, faults, breaches, seconds }: SeedResult,
  { replay, folder }: { replay: string; folder: string | undefined },
): JsonResult {
  const { calls, invites, contacts, unknown } = facts
  const figures = { calls, invites, contacts, faults, unknown, seconds }
  const ok = breaches.length === 0
  return { seed, backend, ok, replay, ...figures, violations: breaches, ...(folder && { evidence: folder }) }
}
