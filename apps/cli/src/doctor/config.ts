import {
  databaseUrl,
  livekitApiKey,
  livekitApiSecret,
  livekitUrl,
  noticesAllowPrivate,
  publicUrl,
  readConfig,
  redisUrl,
} from '@outdial/service/config'
import {
  callDefaultsEnvironment,
  eventLogEnvironment,
  providerEnvironment,
  type RecordingSettings,
  recordingEnvironment,
  recordingSettings,
} from '@outdial/service/environment'
import { z } from 'zod'
import { twilioVariables } from '../set-up/config.ts'

const http = z.url({ protocol: /^https?$/, error: 'set it to an address that begins with http:// or https://' })

const texts = {
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: livekitApiKey,
  LIVEKIT_API_SECRET: livekitApiSecret,
  PUBLIC_URL: publicUrl,
  ...callDefaultsEnvironment.shape,
  ...providerEnvironment.shape,
  ...twilioVariables,
  OUTDIAL_URL: http.transform((url) => url.replace(/\/+$/, '')),
  OUTDIAL_API_KEY: z.string().regex(/^[\x21-\x7e]+$/, 'set it to an API key: printable ASCII without spaces'),
  JWT_SECRET: z.string().min(32, 'set it to a secret of at least 32 characters'),
  JWKS_URL: http,
}

/** Looked at for their form only. */
const others = {
  NOTICES_ALLOW_PRIVATE: noticesAllowPrivate,
  ...eventLogEnvironment.shape,
  ...recordingEnvironment.shape,
}

type Text = keyof typeof texts

export type DoctorEnvironment = {
  /** What is set and makes sense. */
  values: { [Name in Text]?: string | undefined }
  /** What is set and does not, with what to do. Never the values: they may be secrets. */
  wrong: { name: string; advice: string }[]
}

/** Reads each variable by itself: one that is wrong must not keep the rest from being checked. */
export function readDoctorEnvironment(): DoctorEnvironment {
  const found: DoctorEnvironment = { values: {}, wrong: [] }
  const read = (name: string, schema: z.ZodType): unknown => {
    const given = process.env[name]
    if (!given?.trim()) return undefined
    const parsed = schema.safeParse(given)
    if (parsed.success) return parsed.data
    found.wrong.push({ name, advice: parsed.error.issues[0]?.message ?? 'correct it' })
    return undefined
  }
  for (const name of Object.keys(texts) as Text[]) {
    const value = read(name, texts[name])
    if (typeof value === 'string') found.values[name] = value
  }
  for (const [name, schema] of Object.entries(others)) read(name, schema)
  return found
}

/** @throws ConfigError when recordings are to be made and there is no place for them */
export function readRecordingSettings(): RecordingSettings | undefined {
  return recordingSettings(readConfig(recordingEnvironment, process.env))
}
