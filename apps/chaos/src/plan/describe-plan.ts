import type { Plan } from './plan.ts'

/** The plan for people, a line for each thing that will be done. */
export function describePlan(plan: Plan): string {
  const lines = [
    `seed ${plan.seed}: ${plan.moment}, from ${new Date(plan.startMs).toISOString()} on, ${plan.speed} times as fast`,
    `  the second host's clock is ${plan.skewMs} ms ahead`,
    ...plan.workspaces.flatMap(({ name, trunks, lists, campaigns, attemptLimit, suppressed }) => [
      `  ${name}: attempt limit ${JSON.stringify(attemptLimit)}, ${suppressed.length} suppressed`,
      ...trunks.map((trunk) => `    trunk ${JSON.stringify(trunk)}`),
      ...campaigns.map(({ name: campaign, trunk, list, hours, limits }) => {
        const where = `trunk ${trunk + 1}, list ${list + 1} of ${lists[list]?.length} contacts`
        return `    ${campaign} on ${where}: ${JSON.stringify(limits)} ${JSON.stringify(hours)}`
      }),
    ]),
    ...plan.failures.map(({ process, point, nth }) => `  ${process} dies at ${point}, time ${nth}`),
    ...[...plan.faults, ...plan.users]
      .sort((a, b) => a.atMs - b.atMs)
      .map(({ atMs, ...what }) => `  ${String(atMs).padStart(6)} ms  ${JSON.stringify(what)}`),
  ]
  return lines.join('\n')
}
