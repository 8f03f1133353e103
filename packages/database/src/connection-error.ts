/**
 * Whether a query failed because the database could not be reached or went away, so that the same query may do later:
 * errors of the socket, of the driver (postgres.js), and SQLSTATE classes 08, 53 and 57P. What was asked may have been
 * done all the same, so only what may be done twice is to be repeated.
 */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof AggregateError && error.errors.some(isConnectionError)) return true
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string' && (unreachable.has(at.code) || /^(08|53|57P)/.test(at.code))) {
      return true
    }
  }
  return false
}

const unreachable = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
])
