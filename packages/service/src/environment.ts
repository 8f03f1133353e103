import { z } from 'zod'
import type { ClockSettings } from './clock.ts'
import {
  ConfigError,
  clockOrigin,
  clockSpeed,
  clockStart,
  databaseUrl,
  host,
  livekitApiKey,
  livekitApiSecret,
  livekitUrl,
  logLevel,
  noticesAllowPrivate,
  publicUrl,
  redisUrl,
} from './config.ts'

/** The environment that every role reads; each adds its own port. */
export const roleEnvironment = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: livekitApiKey,
  LIVEKIT_API_SECRET: livekitApiSecret,
  PUBLIC_URL: publicUrl,
  LOG_LEVEL: logLevel,
  CLOCK_SPEED: clockSpeed,
  CLOCK_ORIGIN: clockOrigin,
  CLOCK_START: clockStart,
  HOST: host,
  NOTICES_ALLOW_PRIVATE: noticesAllowPrivate,
  /** For tests of what a crash leaves behind: the point at which the process kills itself, such as `marked@3`. */
  FAIL_AT: z.string().optional(),
})

export type RoleEnvironment = z.infer<typeof roleEnvironment>

/** How long the scheduler keeps the event log; for good where it is not set. */
export const eventLogEnvironment = z.object({
  EVENT_LOG_RETENTION_DAYS: z.coerce
    .number('set it to a whole number of days, 30 or more, or remove it to keep everything')
    .int('set it to a whole number of days')
    .min(30, 'set it to 30 days or more')
    .max(36_500, 'set it to 36500 days or less')
    .optional(),
})

/** Who records calls, and where the files are. Read by the roles that start, watch, link and delete recordings. */
export const recordingEnvironment = z.object({
  LIVEKIT_EGRESS_ENABLED: z
    .enum(['true', 'false', 'on-request'], 'set it to true, false or on-request')
    .default('false'),
  LIVEKIT_EGRESS_S3_BUCKET: z.string().optional(),
  LIVEKIT_EGRESS_S3_ACCESS_KEY: z.string().optional(),
  LIVEKIT_EGRESS_S3_SECRET_KEY: z.string().optional(),
  LIVEKIT_EGRESS_S3_REGION: z.string().default('us-east-1'),
  LIVEKIT_EGRESS_S3_ENDPOINT: z
    .url({ protocol: /^https?$/, error: 'set it to the address of the storage such as https://s3.example.com' })
    .optional(),
  LIVEKIT_EGRESS_S3_KEY_PREFIX: z
    .string()
    .max(200)
    .regex(/^[\w!.*'()/-]*$/, 'set it to a folder of letters, digits, - and _ such as recordings/')
    .default(''),
})

export type RecordingSettings = {
  /** `always`: unless a campaign or call says otherwise; `on-request`: where one asks for it. */
  when: 'always' | 'on-request' | 'never'
  bucket: { bucket: string; accessKey: string; secretKey: string; region: string; endpoint?: string | undefined }
  /** What the names of files begin with: empty, or with a slash at its end. */
  keyPrefix: string
}

/**
 * The same by our own names; undefined where there is no storage.
 * @throws ConfigError when recordings are to be made and there is no place for them
 */
export function recordingSettings(env: z.infer<typeof recordingEnvironment>): RecordingSettings | undefined {
  const { LIVEKIT_EGRESS_S3_ACCESS_KEY: accessKey, LIVEKIT_EGRESS_S3_SECRET_KEY: secretKey } = env
  const { LIVEKIT_EGRESS_S3_BUCKET: bucket, LIVEKIT_EGRESS_S3_REGION: region } = env
  const when = ({ true: 'always', false: 'never', 'on-request': 'on-request' } as const)[env.LIVEKIT_EGRESS_ENABLED]
  if (!bucket || !accessKey || !secretKey) {
    if (when === 'never') return undefined
    const names = ['BUCKET', 'ACCESS_KEY', 'SECRET_KEY'].map((name) => `LIVEKIT_EGRESS_S3_${name}`).join(', ')
    throw new ConfigError(`LIVEKIT_EGRESS_ENABLED is on, but there is no place for recordings: set ${names}.`)
  }
  const folder = env.LIVEKIT_EGRESS_S3_KEY_PREFIX.replace(/^\/+|\/+$/g, '')
  const endpoint = env.LIVEKIT_EGRESS_S3_ENDPOINT
  return { when, bucket: { bucket, accessKey, secretKey, region, endpoint }, keyPrefix: folder && `${folder}/` }
}

/** What `createClock` needs of it. */
export function clockSettings(
  env: Pick<RoleEnvironment, 'CLOCK_SPEED' | 'CLOCK_ORIGIN' | 'CLOCK_START'>,
): ClockSettings {
  return { speed: env.CLOCK_SPEED, originMs: env.CLOCK_ORIGIN, startMs: env.CLOCK_START }
}

/** What the API falls back on for calls that name neither agent nor trunk, as systems that moved over send them. */
export const callDefaultsEnvironment = z.object({
  LIVEKIT_AGENT_NAME: z.string().trim().max(100, 'set it to the name of a LiveKit agent').optional(),
  LIVEKIT_SIP_OUTBOUND_TRUNK_ID: z
    .string()
    .regex(/^ST_[A-Za-z0-9_-]{1,100}$/, "set it to LiveKit's id of an outbound trunk such as ST_abc123")
    .optional(),
  LIVEKIT_SIP_FROM_NUMBER: z
    .string()
    .regex(/^\+[1-9]\d{1,14}$/, 'set it to a number in E.164 form such as +14155550100')
    .optional(),
})

export type CallDefaults = {
  agentName?: string | undefined
  /** `ST_…`; counts where the workspace has that trunk. */
  livekitTrunkId?: string | undefined
  /** Counts where the trunk has no numbers. */
  fromNumber?: string | undefined
}

/** The same by our own names. */
export function callDefaults(env: z.infer<typeof callDefaultsEnvironment>): CallDefaults {
  return {
    agentName: env.LIVEKIT_AGENT_NAME,
    livekitTrunkId: env.LIVEKIT_SIP_OUTBOUND_TRUNK_ID,
    fromNumber: env.LIVEKIT_SIP_FROM_NUMBER,
  }
}

/** What the webhooks role needs to hear a trunk's provider; without a variable, what it is for answers 503. */
export const providerEnvironment = z.object({
  TWILIO_AUTH_TOKEN: z.string().optional(),
  EXOTEL_CALLBACK_SECRET: z
    .string()
    .regex(/^[\w-]{16,128}$/, 'set it to a secret of 16 to 128 letters, digits, - and _')
    .optional(),
  /** Where LiveKit takes calls in. Twilio knows no `sips:`. */
  LIVEKIT_SIP_URI: z
    .string()
    .regex(
      /^(?:sip:)?[a-z\d](?:[a-z\d.-]*[a-z\d])?(?::\d{1,5})?(?:;transport=(?:udp|tcp|tls))?$/i,
      'set it to the SIP address of the LiveKit project such as sip:abc123.sip.livekit.cloud;transport=tcp',
    )
    .optional(),
  LIVEKIT_SIP_USERNAME: z.string().optional(),
  LIVEKIT_SIP_PASSWORD: z.string().optional(),
  /** Opens the configuration of all assistants to the operator's own agent. */
  LIVEKIT_AGENT_CONFIG_TOKEN: z.string().min(16, 'set it to a secret of at least 16 characters').optional(),
})

export type ProviderSettings = {
  agentConfigToken?: string | undefined
  twilioAuthToken?: string | undefined
  exotelSecret?: string | undefined
  livekitSip?: { uri: string; username?: string | undefined; password?: string | undefined } | undefined
}

/** The same by our own names. */
export function providerSettings(env: z.infer<typeof providerEnvironment>): ProviderSettings {
  const { LIVEKIT_SIP_URI: uri, LIVEKIT_SIP_USERNAME: username, LIVEKIT_SIP_PASSWORD: password } = env
  return {
    agentConfigToken: env.LIVEKIT_AGENT_CONFIG_TOKEN,
    twilioAuthToken: env.TWILIO_AUTH_TOKEN,
    exotelSecret: env.EXOTEL_CALLBACK_SECRET,
    livekitSip: uri ? { uri, username, password } : undefined,
  }
}
