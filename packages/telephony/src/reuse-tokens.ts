import type { SIPGrant, VideoGrant } from 'livekit-server-sdk'

/** The SDK's tokens are good for ten minutes from the host's clock; one is used for a tenth of that. */
const reuseMs = 60_000

type Signer = { authHeader(grant: VideoGrant, sip?: SIPGrant): Promise<Record<string, string>> }

/**
 * Lets a client of the SDK, which signs a token for every request, use one again that gives the same rights. Signing is a
 * turn for another thread: right before a dial it is what makes the request late. Tokens for a single room stay their own.
 * `now` is the host's time in ms.
 */
export function reuseTokens<Client extends Signer>(client: Client, now: () => number = Date.now): Client {
  const sign = client.authHeader.bind(client)
  const signed = new Map<string, { atMs: number; header: Record<string, string> }>()
  client.authHeader = async (grant, sip) => {
    if (grant.room !== undefined) return sign(grant, sip)
    const rights = JSON.stringify([grant, sip])
    const known = signed.get(rights)
    const ageMs = known ? now() - known.atMs : reuseMs
    if (known && ageMs >= 0 && ageMs < reuseMs) return known.header
    const atMs = now()
    const header = await sign(grant, sip)
    signed.set(rights, { atMs, header })
    return header
  }
  return client
}
