/**
 * One try to POST something to an address that a customer chose. What is connected to is exactly what was checked: the
 * host is looked up once, every address it has must be public, and the connection is given those addresses. Nothing of
 * the answer but its status is read, unless the sender acts on it, and no redirect is followed, so nobody learns about
 * our network through us.
 */
import { lookup } from 'node:dns/promises'
import { type IncomingMessage, request as requestHttp } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { LookupFunction } from 'node:net'
import { type Address, addressOf, familyOf, isPublicAddress, namesPrivateAddress } from './public-address.ts'

/** Real time from the look-up of the host to the status of the answer. */
const tryTimeoutMs = 5_000

/** Let in so that the sender sees its answer taken; nobody reads it. */
const answerBytesMax = 64 * 1024

export type SendOptions = {
  /** For receivers inside one's own network, and for tests. */
  allowPrivate: boolean
  /** 5 s unless given. */
  timeoutMs?: number
  /** Reads the answer of a 2xx as well, which may have so many bytes. */
  answerBytes?: number
  /** Asks the system's resolver unless given. */
  resolve?: (hostname: string) => Promise<Address[]>
}

export type SendResult = {
  /** Of the answer; null when there was none. */
  status: number | null
  /** Why it does not count as delivered, for people; null when it does. */
  error: string | null
  durationMs: number
  /** The receiver asked for so much time; 0 when it did not. */
  askedForMs: number
  /** What it answered, where that was to be read. */
  body?: string
}

export type Post = { url: string; headers: Record<string, string>; body: string }

/** Never throws. */
export async function sendNotice(post: Post, options: SendOptions): Promise<SendResult> {
  const begunMs = performance.now()
  const signal = AbortSignal.timeout(options.timeoutMs ?? tryTimeoutMs)
  const elapsedMs = () => Math.round(performance.now() - begunMs)
  try {
    const url = new URL(post.url)
    const addresses = await withinDeadline(findAddresses(url, options), signal)
    const answer = await send(post, { url, addresses, signal, answerBytes: options.answerBytes ?? 0 })
    const { body } = answer
    return { ...judge(answer), durationMs: elapsedMs(), ...(body === undefined ? {} : { body }) }
  } catch (error) {
    return { status: null, error: explain(error, signal), durationMs: elapsedMs(), askedForMs: 0 }
  }
}

class PrivateAddress extends Error {}

async function findAddresses(url: URL, { allowPrivate, resolve = resolveBySystem }: SendOptions): Promise<Address[]> {
  if (!allowPrivate && namesPrivateAddress(url)) throw new PrivateAddress()
  const named = addressOf(url)
  const addresses = named ? [{ address: named, family: familyOf(named) }] : await resolve(url.hostname)
  if (addresses.length === 0) throw Object.assign(new Error('no address'), { code: 'ENOTFOUND' })
  // All of them: which one a connection takes is not ours to say.
  if (!allowPrivate && !addresses.every(({ address }) => isPublicAddress(address))) throw new PrivateAddress()
  return addresses
}

function resolveBySystem(hostname: string): Promise<Address[]> {
  return lookup(hostname, { all: true })
}

async function withinDeadline<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  return Promise.race([work, late])
}

type Answer = { status: number; retryAfter: string | undefined; body?: string }
type Way = { url: URL; addresses: Address[]; signal: AbortSignal; answerBytes: number }

function send(post: Post, way: Way): Promise<Answer> {
  const { url, addresses, signal, answerBytes } = way
  const request = url.protocol === 'https:' ? requestHttps : requestHttp
  const length = { 'content-length': String(Buffer.byteLength(post.body)) }
  const headers = { ...post.headers, 'content-type': 'application/json', 'user-agent': 'Outdial', ...length }
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method: 'POST', headers, signal, agent: false, lookup: pinned(addresses) })
    outgoing.on('error', reject)
    outgoing.on('response', (incoming) => {
      const { statusCode: status = 0, headers } = incoming
      const answer = { status, retryAfter: headers['retry-after'] }
      if (answerBytes > 0 && status >= 200 && status < 300) {
        readBody(incoming, answerBytes).then((body) => resolve({ ...answer, body }), reject)
        return
      }
      swallow(incoming)
      resolve(answer)
    })
    outgoing.end(post.body)
  })
}

/** Instead of asking DNS again, which may answer something else by now. Not called for an address in the URL. */
function pinned(addresses: Address[]): LookupFunction {
  return (_hostname, options, done) => {
    const [first] = addresses
    if (options.all || !first) done(null, addresses)
    else done(null, first.address, first.family)
  }
}

async function readBody(incoming: IncomingMessage, bytesMax: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > bytesMax) throw Object.assign(new Error('the answer is too long'), { code: 'ANSWER_TOO_LONG' })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function swallow(incoming: IncomingMessage): void {
  let bytes = 0
  incoming.on('error', () => {})
  incoming.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > answerBytesMax) incoming.destroy()
  })
}

function judge({ status, retryAfter }: Answer): Pick<SendResult, 'status' | 'error' | 'askedForMs'> {
  if (status >= 200 && status < 300) return { status, error: null, askedForMs: 0 }
  const redirect = 'Notices follow no redirects: set the address where it ends.'
  const error = status >= 300 && status < 400 ? `It answered ${status}. ${redirect}` : `It answered ${status}.`
  return { status, error, askedForMs: /^\d{1,6}$/.test(retryAfter ?? '') ? Number(retryAfter) * 1_000 : 0 }
}

function explain(error: unknown, signal: AbortSignal): string {
  if (error instanceof PrivateAddress) {
    return 'It leads to a private or local address. Notices go to public ones only, unless NOTICES_ALLOW_PRIVATE is true.'
  }
  if (signal.aborted) return 'It did not answer in time. Answer at once with 200, and do the work afterwards.'
  const code = codeOf(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `The name of its host was not found (${code}).`
  if (/CERT|TLS|SSL|UNABLE_TO/.test(code)) return `Its TLS certificate was not accepted (${code}).`
  return `The connection failed (${code}).`
}

/** Of several addresses that were tried in vain, the first one's. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown'
}
