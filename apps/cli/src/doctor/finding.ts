/** `wrong` does not work, `doubt` works and may not be what was meant, `open` was not looked at. */
export type Finding = { level: 'good' | 'doubt' | 'wrong' | 'open'; about: string; text: string }

export type Tell = (level: Finding['level'], text: string) => void

/** Whatever a check throws is a finding as well. */
export async function examine(about: string, check: (tell: Tell) => Promise<void>): Promise<Finding[]> {
  const findings: Finding[] = []
  try {
    await check((level, text) => findings.push({ level, about, text }))
  } catch (error) {
    findings.push({ level: 'wrong', about, text: rootOf(error) })
  }
  return findings
}

/** The innermost cause knows best: "connect ECONNREFUSED", not "Failed query". */
function rootOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'LiveKitError' || error.name === 'TwilioError' || error.name === 'ApiError') return error.message
  if (error instanceof AggregateError && error.errors.length > 0) return rootOf(error.errors[0])
  return error.cause instanceof Error ? rootOf(error.cause) : error.message || error.name
}
