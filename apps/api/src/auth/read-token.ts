import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { z } from 'zod'

/** How tokens are checked: a shared secret (HS256), or the public keys that an identity provider publishes. */
export type TokenAuth = { jwtSecret?: string; jwksUrl?: string }

export type Claims = { ok: true; workspaceId: string; subject: string } | { ok: false; reason: string }
export type ReadToken = (token: string) => Promise<Claims>

/** Leeway for clocks that differ. */
const toleranceSeconds = 5

const claimsSchema = z.object({ sub: z.string().min(1).max(200), workspace_id: z.uuid() })

/** Real time decides about expiry, not the dialer's clock: tokens are minted elsewhere. */
export function createTokenReader({ jwtSecret, jwksUrl }: TokenAuth): ReadToken {
  const verify = createVerifier({ jwtSecret, jwksUrl })
  if (!verify) return async () => ({ ok: false, reason: 'This server takes API keys only. Send one in x-api-key.' })
  return async (token) => {
    try {
      const claims = claimsSchema.safeParse(await verify(token))
      if (claims.success) return { ok: true, workspaceId: claims.data.workspace_id, subject: claims.data.sub }
      return { ok: false, reason: 'The token needs the claims sub (text) and workspace_id (UUID).' }
    } catch (error) {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError)) throw error
      return { ok: false, reason: explain(error) }
    }
  }
}

function createVerifier({ jwtSecret, jwksUrl }: TokenAuth): ((token: string) => Promise<JWTPayload>) | undefined {
  const rules = { clockTolerance: toleranceSeconds, requiredClaims: ['exp'] }
  if (jwksUrl) {
    const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(jwksUrl))
    // Asymmetric only: a public key must never be accepted as the secret of an HMAC.
    const algorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'ES256', 'ES384', 'EdDSA', 'Ed25519']
    return async (token) => (await jwtVerify(token, keys, { ...rules, algorithms })).payload
  }
  if (!jwtSecret) return undefined
  const secret = new TextEncoder().encode(jwtSecret)
  return async (token) => (await jwtVerify(token, secret, { ...rules, algorithms: ['HS256'] })).payload
}

function explain(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'The token has expired. Get a new one.'
  if (error instanceof errors.JWTClaimValidationFailed) {
    return `The claim ${error.claim} of the token is missing or does not hold. Get a new token.`
  }
  return 'The token is not one of this server, or was changed. Check JWT_SECRET or JWKS_URL where it is minted.'
}
