import type { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { createLogger, type Logger } from '@outdial/service/log'

/**
 * What a command says while it works, on standard error: lines that stay, and below them some that are redrawn in
 * place. Without a terminal nothing is redrawn, and `live` lines are written out at most every few seconds.
 */
export type Terminal = {
  isInteractive: boolean
  say(line: string): void
  /** Replaces the lines at the bottom. */
  live(lines: string[]): void
  /** Leaves the lines at the bottom where they are and goes on below. */
  keep(): void
  log(options: { name: string; level: string }): Logger
}

type Output = Writable & { isTTY?: boolean; columns?: number }

/** How often a log file is told how far things are. */
const plainIntervalMs = 3_000

export function createTerminal(output: Output = process.stderr): Terminal {
  const isInteractive = output.isTTY === true
  let drawn: string[] = []
  let writtenAtMs = -plainIntervalMs
  const clear = () => {
    if (drawn.length > 0) output.write(`\x1b[${drawn.length}A\x1b[J`)
  }
  const above = (text: string) => {
    clear()
    output.write(text)
    for (const line of drawn) output.write(`${line}\n`)
  }
  const livePlain = (lines: string[]) => {
    if (performance.now() - writtenAtMs < plainIntervalMs) return
    writtenAtMs = performance.now()
    output.write(`${lines.map((line) => stripVTControlCharacters(line).trim()).join(' | ')}\n`)
  }
  const liveInPlace = (lines: string[]) => {
    clear()
    drawn = lines.map((line) => clip(line, output.columns ?? 80))
    for (const line of drawn) output.write(`${line}\n`)
  }
  return {
    isInteractive,
    say: (line) => above(`${isInteractive ? line : stripVTControlCharacters(line)}\n`),
    live: isInteractive ? liveInPlace : livePlain,
    keep: () => {
      drawn = []
    },
    log: (options) => createLogger(options, { write: (line) => above(line) }),
  }
}

/** A line that wraps would be two, and redrawing would go wrong. Colours take no room. */
function clip(line: string, columns: number): string {
  if (stripVTControlCharacters(line).length < columns) return line
  return stripVTControlCharacters(line).slice(0, Math.max(1, columns - 1))
}
