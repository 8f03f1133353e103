import { styleText } from 'node:util'
import type { TrunkLimits } from './journey.ts'
import type { Look } from './watch.ts'

/** Where the campaign stands, in five short lines. */
export function drawProgress(
  { status, stats }: Look,
  { simulatedMs, limits }: { simulatedMs: number; limits: TrunkLimits },
): string[] {
  const { contacts, calls, today, window } = status
  const share = contacts.total > 0 ? contacts.finished / contacts.total : 0
  const rows: [string, string][] = [
    ['contacts', `${bar(share)} ${count(contacts.finished)} of ${count(contacts.total)} finished`],
    ['now', `${calls.pending} to be dialed, ${calls.calling} ringing, ${calls.answered} talking`],
    ['calls', `${count(calls.total)}: ${list(stats.calls.byDisposition) || 'none has ended yet'}`],
    ['outcomes', list(stats.calls.byOutcome) || 'none yet'],
    [
      'limits',
      `${count(today.dialed)} of ${today.dailyCap === null ? 'any number' : count(today.dailyCap)} dials today, ` +
        `window ${window.isOpen ? 'open' : 'closed'}, trunk ${limits.callsPerSecond} calls/s and ` +
        `${limits.maxConcurrency} at once`,
    ],
    ['clock', `${duration(simulatedMs)} of simulated time${waiting(status)}`],
  ]
  return rows.map(([label, value]) => `  ${dim(label.padEnd(9))} ${value}`)
}

/** Counts with their names, the largest first, without those that did not occur. */
export function list(counts: Record<string, number>): string {
  return Object.entries(counts)
    .filter(([, number]) => number > 0)
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, number]) => `${count(number)} ${name.replaceAll('_', ' ')}`)
    .join(', ')
}

export function count(number: number): string {
  return number.toLocaleString('en-US')
}

/** `1 h 05 min`, `3 min 09 s` or `12.3 s`. */
export function duration(ms: number): string {
  const seconds = ms / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`
}

function waiting({ notCalling }: Look['status']): string {
  return notCalling ? `; not calling: ${notCalling.reason}` : ''
}

const barWidth = 24

function bar(share: number): string {
  const done = Math.round(share * barWidth)
  return styleText('green', '█'.repeat(done), { stream: process.stderr }) + dim('░'.repeat(barWidth - done))
}

function dim(text: string): string {
  return styleText('dim', text, { stream: process.stderr })
}
