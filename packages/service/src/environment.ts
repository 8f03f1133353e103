import { z } from 'zod'
import {
  clockOrigin,
  clockSpeed,
  clockStart,
  databaseUrl,
  host,
  livekitApiKey,
  livekitApiSecret,
  livekitUrl,
  logLevel,
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
  /** For tests of what a crash leaves behind: the point at which the process kills itself, such as `marked@3`. */
  FAIL_AT: z.string().optional(),
})
