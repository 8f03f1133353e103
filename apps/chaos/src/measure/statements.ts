import type { World } from '../world/world.ts'

/** What a statement cost the database, in ms over all its runs; waiting for locks and for the disk is in `executed`. */
export type StatementCost = { runs: number; planned: number; executed: number; text: string }

/** For the world's PostgreSQL, before it starts: it counts what each statement takes. Costs some percent itself. */
export const countingSettings = [
  'shared_preload_libraries=pg_stat_statements',
  'pg_stat_statements.track_planning=on',
  'pg_stat_statements.max=5000',
]

export async function startCounting(world: World): Promise<void> {
  await world.sql`create extension if not exists pg_stat_statements`
  await world.sql`select pg_stat_statements_reset()`
}

/** The statements that took longest in all. */
export async function readCosts(world: World, count = 25): Promise<StatementCost[]> {
  return world.sql<StatementCost[]>`
    select calls::int as runs, total_plan_time as planned, total_exec_time as executed,
      left(regexp_replace(query, '[[:space:]]+', ' ', 'g'), 160) as text
    from pg_stat_statements
    order by total_plan_time + total_exec_time desc limit ${count}`
}

export function printCosts(costs: StatementCost[]): string {
  const line = ({ runs, planned, executed, text }: StatementCost) =>
    [runs, Math.round(planned), Math.round(executed)]
      .map((n) => String(n).padStart(9))
      .concat(`  ${text}`)
      .join('')
  return ['     runs  planned executed  (ms in all)', ...costs.map(line)].join('\n')
}
