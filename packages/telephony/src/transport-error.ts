/** What a failed `fetch` proves: either no byte of the request left this machine, or nobody knows. */

/**
 * The code of a failure that certainly came before the request was sent (name lookup, connect, TLS certificate),
 * or null. Only these may be taken as "nothing was dialed"; a reset or a timeout may come after the INVITE.
 */
export function neverSentBecause(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  const { code, syscall } = systemError(error)
  if (syscall === 'connect' || syscall === 'getaddrinfo') return code ?? syscall
  if (code !== undefined && (beforeSending.has(code) || code.startsWith('CERT_'))) return code
  // Several addresses tried (IPv4 and IPv6): each attempt must have failed before sending.
  if (error instanceof AggregateError && error.errors.length > 0) return allNeverSent(error.errors)
  return neverSentBecause(error.cause)
}

/** True for a request that was cut off or got no answer in time, as opposed to one that LiveKit answered. */
export function isTransportError(error: unknown): boolean {
  return isTimeout(error) || (error instanceof TypeError && error.cause instanceof Error)
}

export function isTimeout(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'TimeoutError'
}

/** "ECONNRESET" or the like, for a message; never the request itself, which holds a token. */
export function transportCode(error: unknown): string {
  if (isTimeout(error)) return 'timeout'
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  if (!(cause instanceof Error)) return 'unknown error'
  return systemError(cause).code ?? cause.message
}

/** A DOMException has a code as well, but a number. */
function systemError(error: Error): { code?: string; syscall?: string } {
  const { code, syscall } = error as NodeJS.ErrnoException
  return { ...(typeof code === 'string' && { code }), ...(typeof syscall === 'string' && { syscall }) }
}

const beforeSending = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_INVALID_URL',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_PACKET_LENGTH_TOO_LONG',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
])

function allNeverSent(errors: unknown[]): string | null {
  const codes = errors.map(neverSentBecause)
  return codes.includes(null) ? null : (codes[0] ?? null)
}
