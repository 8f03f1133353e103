import { judge } from '@outdial/judge/judge'
import { readEvidence } from '@outdial/judge/read-evidence'
import type { Facts, RuleName } from '@outdial/judge/verdict'
import { type Call, type CsvFile, call, campaignTimes } from '../api/answers.ts'
import type { ApiClient } from '../api/client.ts'
import type { Look } from './watch.ts'

/** What `--json` prints. */
export type DemoResult = {
  contacts: { total: number; finished: number; accepted: number; duplicates: number; invalid: number }
  calls: {
    total: number
    byStatus: Record<string, number>
    byDisposition: Record<string, number>
    byOutcome: Record<string, number>
  }
  /** Calls that the simulated network saw begin. */
  invites: number
  callsWithTwoInvites: number
  /** Each call ended as the network saw it, and the counters of the API are the sums of the calls. */
  countersMatchLedger: boolean
  /** Rules that the judge found broken. */
  brokenRules: string[]
  longestWaitMs: number
  wallTimeMs: number
  simulatedTimeMs: number
  speed: number
  seed: number
  queue: 'postgres' | 'redis'
  ok: boolean
}

type Run = {
  campaignId: string
  csvFile: CsvFile
  last: Look
  /** Where the judge finds its evidence. */
  evidence: { ledger: string; databaseUrl: string }
  startedAtMs: number
  speed: number
  seed: number
  queue: DemoResult['queue']
}

/** Puts together what came of the run, and holds it against the ledger. `mismatches` says in words what is wrong. */
export async function concludeRun(client: ApiClient, run: Run): Promise<{ result: DemoResult; mismatches: string[] }> {
  const { campaignId, csvFile, last } = run
  const calls: Call[] = []
  for await (const each of client.list(`/outbound-calls/campaign/${campaignId}`, call)) calls.push(each)
  const times = await client.get(`/campaigns/${campaignId}`, campaignTimes)
  const options = { clockSpeed: run.speed, paceJitterMs, expectFinished: true }
  const { violations, facts } = judge({ ...(await readEvidence(run.evidence)), options })
  const brokenRules = [...new Set(violations.map(({ rule }) => rule))]
  const wrongCounters = checkCounters(last, calls)
  const mismatches = [...violations.map(({ message }) => message), ...untold(facts), ...wrongCounters]
  const { total, finished } = last.status.contacts
  const { accepted, duplicates, invalid } = csvFile
  const isWhole = total === accepted && finished === total
  if (!isWhole) mismatches.push(`${finished} of ${accepted} accepted contacts are finished`)
  const isAsSeen = !brokenRules.some((rule) => aboutCounts.has(rule)) && untold(facts).length === 0
  const result: DemoResult = {
    contacts: { total, finished, accepted, duplicates, invalid },
    calls: tally(calls),
    invites: facts.invites,
    callsWithTwoInvites: violations.filter(({ rule }) => rule === 'two-invites').length,
    countersMatchLedger: isAsSeen && wrongCounters.length === 0,
    brokenRules,
    longestWaitMs: facts.longestWaitMs,
    wallTimeMs: Math.round(performance.now() - run.startedAtMs),
    simulatedTimeMs: (times.completedAt?.getTime() ?? 0) - (times.startedAt?.getTime() ?? 0),
    ...{ speed: run.speed, seed: run.seed, queue: run.queue },
    ok: mismatches.length === 0,
  }
  return { result, mismatches }
}

/** A machine that is slow for its speed makes calls wait for each other; how long is told as `longestWaitMs`. */
const paceJitterMs = 2_000

const aboutCounts: ReadonlySet<RuleName> = new Set([
  'wrong-counters',
  'wrong-disposition',
  'wrong-outcome',
  'never-ended',
  'unlogged-invite',
])

/** Nothing was broken on purpose, so the dialer was told everything. */
function untold({ unknown, guessed, unreported }: Facts): string[] {
  return Object.entries({ unknown, guessed, unreported })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} calls are ${what}, although nothing was broken`)
}

/** The API's counters against a recount of the calls that the API lists. */
export function checkCounters({ status, stats }: Look, calls: Call[]): string[] {
  const counted = tally(calls)
  const groups = ['byStatus', 'byDisposition', 'byOutcome'] as const
  const wrong = groups.flatMap((group) => differences(group, { told: stats.calls[group], counted: counted[group] }))
  if (status.calls.total !== calls.length) wrong.push(`the status tells ${status.calls.total} calls of ${calls.length}`)
  if (stats.finishedContacts.total !== status.contacts.finished) {
    wrong.push(
      `${stats.finishedContacts.total} contacts are finished, and the status tells ${status.contacts.finished}`,
    )
  }
  return wrong
}

function differences(
  group: string,
  { told, counted }: { told: Record<string, number>; counted: Record<string, number> },
): string[] {
  const names = [...new Set([...Object.keys(told), ...Object.keys(counted)])]
  return names
    .filter((name) => (told[name] ?? 0) !== (counted[name] ?? 0))
    .map((name) => `${group}.${name} is ${told[name] ?? 0}, and there are ${counted[name] ?? 0} such calls`)
}

function tally(calls: Call[]): DemoResult['calls'] {
  return {
    total: calls.length,
    byStatus: countBy(calls, (each) => each.status),
    byDisposition: countBy(calls, (each) => each.disposition),
    byOutcome: countBy(calls, (each) => each.outcome),
  }
}

function countBy(calls: Call[], nameOf: (call: Call) => string | null): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const each of calls) {
    const name = nameOf(each)
    if (name !== null) counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}
