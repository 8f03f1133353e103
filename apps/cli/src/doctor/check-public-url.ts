import { createHash, randomUUID } from 'node:crypto'
import { signJwt } from '../sign-jwt.ts'
import type { Tell } from './finding.ts'

type Keys = { apiKey: string; apiSecret: string }

const limitMs = 5_000

/** The address leads to this installation, and what comes in is checked. It is asked from here, not from outside. */
export async function checkPublicUrl(url: string, keys: Keys | null, tell: Tell): Promise<void> {
  const { hostname, protocol } = new URL(url)
  if (isPrivate(hostname)) {
    tell(
      'doubt',
      `${hostname} is reached only from here. LiveKit Cloud and Twilio need a public address; a tunnel will do.`,
    )
  } else if (protocol === 'http:') {
    tell('doubt', 'It is http: what agents report and providers send can be read on the way. Use https.')
  }
  const health = await ask(`${url}/healthz`)
  if (health.status !== 200) {
    return tell(
      'wrong',
      `GET ${url}/healthz answers ${health.status}, not 200. Correct PUBLIC_URL or the proxy before it.`,
    )
  }
  tell('good', `${url} leads to a process of Outdial`)
  await checkWebhook(`${url}/api/livekit/webhook`, keys, tell)
  const report = await ask(`${url}/api/agent/calls/${randomUUID()}/report`, { method: 'POST', body: '{}' })
  if (report.status === 401) tell('good', 'agents can report')
  else tell('wrong', `Agents cannot report: ${url}/api/agent/… answers ${report.status}. Lead it to the webhooks role.`)
}

async function checkWebhook(url: string, keys: Keys | null, tell: Tell): Promise<void> {
  // It names a room that is no call's, so it is answered and forgotten.
  const room = { name: 'outdial-doctor', sid: 'RM_outdialdoctor' }
  const createdAt = String(Math.floor(Date.now() / 1000))
  const body = JSON.stringify({ event: 'room_started', id: `EV_${randomUUID()}`, createdAt, room })
  const send = (authorization: string) =>
    ask(url, { method: 'POST', body, headers: { authorization, 'content-type': 'application/webhook+json' } })
  const stranger = await send('nonsense')
  if (stranger.status === 404) {
    return tell('wrong', `${url} is not there. Lead /api/livekit/webhook and /api/agent/ to the webhooks role.`)
  }
  if (stranger.status !== 401) return tell('wrong', `${url} answers ${stranger.status} to a stranger, not 401.`)
  if (!keys) return tell('open', 'LIVEKIT_API_KEY and LIVEKIT_API_SECRET are not set: no webhook was tried.')
  const sha256 = createHash('sha256').update(body).digest('base64')
  const exp = Math.floor(Date.now() / 1000) + 60
  const { status } = await send(signJwt({ iss: keys.apiKey, exp, sha256 }, keys.apiSecret))
  if (status === 200) {
    tell('good', `webhooks are taken at ${url}; LiveKit's own settings cannot be read, so look whether they name it`)
  } else if (status === 401) {
    tell('wrong', 'A webhook that is signed with LIVEKIT_API_SECRET is refused: the webhooks role has another key.')
  } else tell('wrong', `A signed webhook is answered with ${status}. See the log of the webhooks role.`)
}

async function ask(url: string, request: RequestInit = {}): Promise<{ status: number }> {
  const response = await fetch(url, { ...request, redirect: 'manual', signal: AbortSignal.timeout(limitMs) })
  await response.body?.cancel()
  return { status: response.status }
}

function isPrivate(hostname: string): boolean {
  return /^(localhost|127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|\[)|\.(local|internal|localhost)$/.test(
    hostname,
  )
}
