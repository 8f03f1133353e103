import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { parse, stringify } from 'node:querystring'

export type TwilioParams = Record<string, string | string[]> | URLSearchParams

/** One request of Twilio's: with form parameters (none for a GET), or with a JSON body as raw bytes. */
export type TwilioRequest = {
  authToken: string
  /** As Twilio was told it, with the query it was called with; built from PUBLIC_URL, never from the Host header. */
  url: string
  /** The X-Twilio-Signature header. */
  signature: string | undefined
} & ({ params: TwilioParams; rawBody?: undefined } | { rawBody: Uint8Array | string; params?: undefined })

/**
 * Whether Twilio signed this request with `authToken`. Empty parameters are signed too: drop none before.
 * It proves who sent the request, not that it is new: a repetition verifies as well.
 * https://www.twilio.com/docs/usage/security#validating-requests
 */
export function verifyTwilioSignature({ authToken, url, params, rawBody, signature }: TwilioRequest): boolean {
  if (!authToken || !signature) return false
  if (rawBody !== undefined && !vouchesForBody(url, rawBody)) return false
  const signedParams = params === undefined ? '' : concatenate(params)
  // Every spelling is compared, so that the time taken says nothing about which one nearly matched.
  return spellingsOf(url)
    .map((spelling) => matches(signature, hmac(authToken, spelling + signedParams)))
    .includes(true)
}

/** With a JSON body Twilio signs the URL alone, which holds the body's SHA-256: without it, anything would pass. */
function vouchesForBody(url: string, rawBody: Uint8Array | string): boolean {
  const promised = URL.parse(url)?.searchParams.get('bodySHA256')?.toLowerCase()
  return promised !== undefined && matches(promised, createHash('sha256').update(rawBody).digest('hex'))
}

/** Names in code-point order, each with its values, unique and in order, with nothing between. */
function concatenate(params: TwilioParams): string {
  const values = new Map<string, Set<string>>()
  const pairs = params instanceof URLSearchParams ? [...params] : Object.entries(params)
  for (const [name, value] of pairs) {
    const known = values.get(name) ?? new Set()
    for (const one of Array.isArray(value) ? value : [value]) known.add(one)
    values.set(name, known)
  }
  const names = [...values.keys()].sort()
  return names
    .map((name) =>
      [...(values.get(name) ?? [])]
        .sort()
        .map((value) => name + value)
        .join(''),
    )
    .join('')
}

/** Twilio drops or keeps the port depending on product and scheme, and some of it re-encodes the query. */
function spellingsOf(url: string): string[] {
  const parts = /^(https?):\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)(?::(\d+))?([^?#]*)(\?[^#]*)?/i.exec(url)
  if (!parts) return []
  const [, scheme = '', host = '', port, path = '', query = ''] = parts
  const withPort = `${host}:${port ?? (scheme.toLowerCase() === 'https' ? '443' : '80')}`
  const queries = new Set([query, query && `?${stringify(parse(query.slice(1)))}`])
  return [host, withPort].flatMap((authority) => [...queries].map((one) => `${scheme}://${authority}${path}${one}`))
}

function hmac(authToken: string, text: string): string {
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64')
}

function matches(given: string, expected: string): boolean {
  const a = Buffer.from(given)
  const b = Buffer.from(expected)
  return a.length === b.length && timingSafeEqual(a, b)
}
