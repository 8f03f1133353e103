import { createHmac, timingSafeEqual } from 'node:crypto'

/** What an agent shows when it reports on a call: worth nothing for any other call. */
export function reportToken(secret: string, callId: string): string {
  return createHmac('sha256', secret).update(`agent report on ${callId}`).digest('base64url')
}

/** Compares in constant time. */
export function isReportToken(token: string, expected: { secret: string; callId: string }): boolean {
  const right = Buffer.from(reportToken(expected.secret, expected.callId))
  const given = Buffer.from(token)
  return right.length === given.length && timingSafeEqual(right, given)
}

type Reported = { id: string; metadata: Record<string, unknown> }

/** Where the agent of a call tells what comes of it. It may hand over only to whom the call was told to. */
export function reportAddresses({ baseUrl, secret }: { baseUrl: string; secret: string }, call: Reported) {
  const base = `${baseUrl}/api/agent/calls/${call.id}`
  return {
    url: `${base}/report`,
    transcriptUrl: `${base}/transcript`,
    transferUrl: typeof call.metadata.transfer_target === 'string' ? `${base}/transfer` : null,
    token: reportToken(secret, call.id),
  }
}
