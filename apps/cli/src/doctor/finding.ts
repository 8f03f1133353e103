/** `wrong` does not work, `doubt` works and may not be what was meant, `open` was not looked at. */
export type Finding = { level: 'good' | 'doubt' | 'wrong' | 'open'; about: string; text: string }

export type Tell = (level: Finding['level'], text: string) => void

/** Whatever a check throws is a finding as well; `next` says what to do where the error does not. */
export async function examine(
  { about, next }: { about: string; next: string },
  check: (tell: Tell) => Promise<void>,
): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    await check((level, text) => findings.push({ level, about, text }))
  } catch (error) {
    const { text, isOurs } = rootOf(error)
    findings.push({ level: 'wrong', about, text: isOurs ? text : `${text.replace(/\.$/, '')}. ${next}` })
  }
  return findings
}

/** Errors that say by themselves what to do. */
const ours = new Set(['LiveKitError', 'TwilioError', 'ApiError', 'ConfigError', 'StorageError'])

/** The innermost cause knows best: "connect ECONNREFUSED", not "Failed query". */
function rootOf(error: unknown): { text: string; isOurs: boolean } {
  if (!(error instanceof Error)) return { text: String(error), isOurs: false }
  if (ours.has(error.name)) return { text: error.message, isOurs: true }
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0])
  return error.cause instanceof Error ? rootOf(error.cause) : { text: error.message || error.name, isOurs: false }
}
