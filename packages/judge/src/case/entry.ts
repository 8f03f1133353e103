import type { LogEntry } from '../evidence.ts'

/** An entry of the log with its moments as numbers: `atMs` by the dialer's clock, `recordedMs` by the real one. */
export type Entry = LogEntry & { atMs: number; recordedMs: number }

export function toEntry(entry: LogEntry): Entry {
  return { ...entry, atMs: Date.parse(entry.at), recordedMs: Date.parse(entry.recordedAt) }
}

export function textOf(entry: Entry | undefined, field: string): string | null {
  const value = entry?.details[field]
  return typeof value === 'string' ? value : null
}

/** A moment in the details, in ms since the epoch; null where there is none. */
export function momentOf(entry: Entry | undefined, field: string): number | null {
  const ms = Date.parse(textOf(entry, field) ?? '')
  return Number.isNaN(ms) ? null : ms
}
