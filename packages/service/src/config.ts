import { z } from 'zod'

/** Settings that cannot be used. The message has one line per variable and says what to set. */
export class ConfigError extends Error {
  override name = 'ConfigError'
}

/**
 * Reads settings from the environment, all at once, so that one start tells everything that is wrong.
 * A variable that is set to nothing counts as not set. Values never appear in the error: they may be secrets.
 * @throws ConfigError naming every wrong variable
 */
export function readConfig<Shape extends z.ZodObject>(
  shape: Shape,
  env: Record<string, string | undefined>,
): z.infer<Shape> {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim()))
  const parsed = shape.safeParse(given)
  if (parsed.success) return parsed.data
  const lines = new Map<string, string>()
  for (const { path, message } of parsed.error.issues) {
    const name = path.join('.')
    const state = given[name] === undefined ? 'is not set' : 'is not valid'
    if (!lines.has(name)) lines.set(name, name ? `${name} ${state}: ${message}` : message)
  }
  throw new ConfigError(`The environment needs attention:\n  ${[...lines.values()].join('\n  ')}`)
}

export const databaseUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'set it to a PostgreSQL address such as postgres://user:password@host:5432/outdial',
})

/** Unset means that the queue lives in PostgreSQL. */
export const redisUrl = z
  .url({
    protocol: /^rediss?$/,
    error: 'set it to a Redis address such as redis://:password@host:6379/0, or remove it to queue in PostgreSQL',
  })
  .optional()

export const livekitUrl = z.url({
  protocol: /^(https?|wss?)$/,
  error: 'set it to the address of the LiveKit project such as wss://my-project.livekit.cloud',
})
export const livekitApiKey = required('set it to the API key of the LiveKit project')
export const livekitApiSecret = required('set it to the API secret that belongs to LIVEKIT_API_KEY')

/** The address under which the outside reaches this installation, without a slash at the end. */
export const publicUrl = z
  .url({ protocol: /^https?$/, error: 'set it to the public address such as https://dialer.example.com' })
  .transform((url) => url.replace(/\/+$/, ''))

/** A TCP port; 0 lets the system choose. Apps add their own default. */
export const port = wholeNumber('set it to a port number between 0 and 65535', 65_535)

/** The address to listen on. The default listens on all of them, as a container needs. */
export const host = z.string().default('0.0.0.0')

/** Whether notices may go to private and local addresses. */
export const noticesAllowPrivate = z
  .enum(['true', 'false'], { error: 'set it to true to send notices to private addresses too, or remove it' })
  .default('false')
  .transform((text) => text === 'true')

export const logLevel = z
  .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    error: 'set it to fatal, error, warn, info, debug, trace or silent',
  })
  .default('info')

/** How many times faster than the wall clock domain time runs: 1 in production. */
export const clockSpeed = z
  .string()
  .transform(Number)
  .refine((speed) => speed > 0 && Number.isFinite(speed), { error: 'set it to a number above 0, or remove it' })
  .default(1)

/** When domain time is `clockStart`, in milliseconds since 1970; the start of the process unless given. */
export const clockOrigin = wholeNumber(
  'set it to milliseconds since 1970, the same in every process, or remove it',
).default(() => Math.round(performance.timeOrigin))

/** What the domain clock shows at `clockOrigin`; the same instant unless given. */
export const clockStart = wholeNumber(
  'set it to milliseconds since 1970, the same in every process, or remove it',
).optional()

function required(error: string) {
  return z.string({ error }).min(1, { error })
}

function wholeNumber(error: string, max = Number.MAX_SAFE_INTEGER) {
  return z
    .string({ error })
    .regex(/^\d+$/, { error })
    .transform(Number)
    .refine((value) => value <= max, { error })
}
