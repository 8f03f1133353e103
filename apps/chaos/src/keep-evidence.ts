import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describePlan } from './plan/describe-plan.ts'
import type { Plan } from './plan/plan.ts'
import type { SeedResult } from './run/run-seed.ts'

/** Writes all that is known of a run into a folder of its own below `directory`, instead of an earlier one's. */
export async function keepEvidence(directory: string, { plan, result }: { plan: Plan; result: SeedResult }) {
  const folder = join(directory, `seed-${result.seed}-${result.backend}`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, 'logs'), { recursive: true })
  const { deeds, evidence, logs, stuck } = result.record
  const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join('')
  const files: [string, string][] = [
    ['plan.txt', `${describePlan(plan)}\n`],
    ['plan.json', JSON.stringify(plan, null, 2)],
    ['deeds.ndjson', lines(deeds)],
    ['breaches.json', JSON.stringify(result.breaches, null, 2)],
    ['stuck.json', JSON.stringify(stuck, null, 2)],
    ['ledger.ndjson', lines(evidence.ledger)],
    ['event-log.ndjson', lines(evidence.log)],
    ['told.json', JSON.stringify(evidence.told ?? null, null, 2)],
    ...logs.map(({ name, text }): [string, string] => [`logs/${name}.ndjson`, text]),
  ]
  await Promise.all(files.map(([name, text]) => writeFile(join(folder, name), text)))
  return folder
}
