export type Log = (level: 'warn' | 'error', message: string, details?: Record<string, unknown>) => void

export const silentLog: Log = () => {}

/** One JSON object per line, for the program; what embeds the simulator passes its own. */
export const consoleLog: Log = (level, message, details) => {
  process.stderr.write(`${JSON.stringify({ level, time: new Date().toISOString(), message, ...details })}\n`)
}

export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
