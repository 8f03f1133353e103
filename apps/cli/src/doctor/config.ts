import { databaseUrl, livekitApiKey, livekitApiSecret, livekitUrl, publicUrl, redisUrl } from '@outdial/service/config'
import { z } from 'zod'
import { twilioVariables } from '../set-up/config.ts'

const trunkId = z.string().regex(/^ST_/, 'set it to the id of an outbound trunk, ST_…, or remove it')
const e164 = z.string().regex(/^\+[1-9]\d{6,14}$/, 'set it to a number with its country code such as +14155550100')
const http = z.url({ protocol: /^https?$/, error: 'set it to an address that begins with http:// or https://' })

const variables = {
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: livekitApiKey,
  LIVEKIT_API_SECRET: livekitApiSecret,
  LIVEKIT_SIP_OUTBOUND_TRUNK_ID: trunkId,
  LIVEKIT_SIP_FROM_NUMBER: e164,
  PUBLIC_URL: publicUrl,
  ...twilioVariables,
  OUTDIAL_URL: http.transform((url) => url.replace(/\/+$/, '')),
  OUTDIAL_API_KEY: z.string().regex(/^[\x21-\x7e]+$/, 'set it to an API key: printable ASCII without spaces'),
  JWT_SECRET: z.string().min(32, 'set it to a secret of at least 32 characters'),
  JWKS_URL: http,
}

type Variable = keyof typeof variables

export type DoctorEnvironment = {
  /** What is set and makes sense. */
  values: { [Name in Variable]?: string | undefined }
  /** What is set and does not, with what to do. Never the values: they may be secrets. */
  wrong: { name: Variable; advice: string }[]
}

/** Reads each variable by itself: one that is wrong must not keep the rest from being checked. */
export function readDoctorEnvironment(): DoctorEnvironment {
  const found: DoctorEnvironment = { values: {}, wrong: [] }
  for (const name of Object.keys(variables) as Variable[]) {
    const given = process.env[name]
    if (!given?.trim()) continue
    const parsed = variables[name].safeParse(given)
    if (parsed.success) found.values[name] = parsed.data
    else found.wrong.push({ name, advice: parsed.error.issues[0]?.message ?? 'correct it' })
  }
  return found
}
