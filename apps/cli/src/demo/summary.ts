import { styleText } from 'node:util'
import { count, duration, list } from './draw-progress.ts'
import type { DemoResult } from './result.ts'
import type { Look } from './watch.ts'

/** The end of a demo for people: what came of it, and whether all of it is true. */
export function summarise({
  result,
  mismatches,
  last,
}: {
  result: DemoResult
  mismatches: string[]
  last: Look
}): string[] {
  const { contacts, calls, invites, callsWithTwoInvites, countersMatchLedger, brokenRules } = result
  const { answered } = last.stats.reached
  const rows: [string, string][] = [
    ['contacts', `${count(contacts.finished)} of ${count(contacts.total)} finished (${reasons(last)})`],
    [
      'file',
      `${count(contacts.accepted)} accepted, ${count(contacts.duplicates)} duplicates, ${count(contacts.invalid)} invalid`,
    ],
    ['attempts', `${count(calls.total)} calls, ${(calls.total / Math.max(1, contacts.total)).toFixed(2)} per contact`],
    ['endings', list(calls.byDisposition)],
    ['reached', `${count(answered)} answered (${percent(answered, calls.total)})`],
    ['outcomes', list(calls.byOutcome) || 'none'],
    [
      'network',
      `saw ${count(invites)} INVITEs; the latest one left ${duration(result.longestWaitMs / result.speed)} of yours after its time`,
    ],
    ['time', `${duration(result.simulatedTimeMs)} of calling, in ${duration(result.wallTimeMs)} of yours`],
  ]
  return [
    '',
    styleText('bold', 'The campaign is completed.', { stream: process.stdout }),
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(9)} ${value}`),
    '',
    check(contacts.finished === contacts.accepted, 'every accepted contact is finished'),
    check(callsWithTwoInvites === 0, 'no call id with two INVITEs'),
    check(countersMatchLedger, 'counters equal the ledger of the telephone network'),
    check(brokenRules.length === 0, 'every other rule of the judge was kept: hours, limits, pace, retries'),
    ...explain(mismatches),
    '',
  ]
}

const mismatchesShown = 20

function explain(mismatches: string[]): string[] {
  const rest = mismatches.length - mismatchesShown
  const shown = mismatches.slice(0, mismatchesShown).map((mismatch) => `      ${mismatch}`)
  return rest > 0 ? [...shown, `      and ${rest} more`] : shown
}

function check(holds: boolean, what: string): string {
  const mark = holds
    ? styleText('green', '✓', { stream: process.stdout })
    : styleText('red', '✗', { stream: process.stdout })
  return `  ${mark} ${what}`
}

function reasons({ stats }: Look): string {
  return list(stats.finishedContacts.byReason)
}

function percent(part: number, whole: number): string {
  return `${whole > 0 ? Math.round((part / whole) * 100) : 0} %`
}
