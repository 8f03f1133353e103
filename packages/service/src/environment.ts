import { z } from 'zod'
import type { ClockSettings } from './clock.ts'
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

export type RoleEnvironment = z.infer<typeof roleEnvironment>

/** What `createClock` needs of it. */
export function clockSettings(
  env: Pick<RoleEnvironment, 'CLOCK_SPEED' | 'CLOCK_ORIGIN' | 'CLOCK_START'>,
): ClockSettings {
  return { speed: env.CLOCK_SPEED, originMs: env.CLOCK_ORIGIN, startMs: env.CLOCK_START }
}
