import { stripVTControlCharacters } from 'node:util'
import type { Figure, Measured } from './measurement.ts'

/** What was found as a table, and what was broken with its evidence. */
export function printMeasured(measured: Measured): string {
  const { measurement, backend, figures, violations, trouble, isKept, usage, invites } = measured
  const rows = figures.map(toRow)
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const parts = Object.entries(usage.processorMs).map(([part, ms]) => `${part} ${(ms / invites).toFixed(1)}`)
  return [
    `${measurement} (${backend}): ${isKept ? 'kept' : 'BROKEN'}`,
    ...lines.map((line) => `  ${line}`),
    `  machine busy: ${usage.machineBusyPercent} %, longest write to its disk: ${usage.longestSyncMs} ms`,
    ...(parts.length > 0 ? [`  processor time per INVITE in ms: ${parts.join(', ')}`] : []),
    ...violations.slice(0, 10).map(({ rule, message }) => `  ${rule}: ${message}`),
    ...(violations.length > 10 ? [`  … and ${violations.length - 10} more`] : []),
    ...trouble.slice(0, 5).map((line) => `  trouble: ${stripVTControlCharacters(line).slice(0, 500)}`),
    ...(trouble.length > 5 ? [`  … and ${trouble.length - 5} more`] : []),
  ].join('\n')
}

function toRow({ name, value, unit, promise, isKept }: Figure): string[] {
  return [name, `${value} ${unit}`, promise ?? '', isKept === undefined ? '' : isKept ? 'kept' : 'BROKEN']
}
