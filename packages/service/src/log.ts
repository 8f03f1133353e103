import { type DestinationStream, type Logger, pino } from 'pino'

export type { Logger }

const secretKeys = [
  'authorization',
  'cookie',
  'password',
  'secret',
  'token',
  'apiKey',
  'apiSecret',
  'authPassword',
  'databaseUrl',
  'redisUrl',
  '["x-api-key"]',
  // as the environment calls them
  'DATABASE_URL',
  'REDIS_URL',
  'JWT_SECRET',
  'OUTDIAL_API_KEY',
  'LIVEKIT_API_SECRET',
  'LIVEKIT_AGENT_CONFIG_TOKEN',
  'LIVEKIT_EGRESS_S3_SECRET_KEY',
  'TWILIO_AUTH_TOKEN',
  'EXOTEL_CALLBACK_SECRET',
  'LIVEKIT_SIP_PASSWORD',
]

/** One JSON object per line on standard output. Values under well-known secret names are blanked, two levels deep. */
export function createLogger(
  { name, level = 'info' }: { name: string; level?: string },
  destination: DestinationStream = pino.destination({ dest: 1, sync: true }),
): Logger {
  return pino({ name, level, redact: { paths: secretPaths(), censor: '[secret]' } }, destination)
}

function secretPaths(): string[] {
  return secretKeys.flatMap((key) => {
    const nested = key.startsWith('[') ? key : `.${key}`
    return [key, `*${nested}`, `*.*${nested}`]
  })
}
