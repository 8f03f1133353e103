import { z } from 'zod'
import { EvidenceError } from '../evidence-error.ts'
import { lawSchema } from '../lawful-hours.ts'
import { isZone } from '../wall-clock.ts'
import type { Entry } from './entry.ts'

const zone = z.string().refine(isZone, 'is no IANA time zone that this machine knows')
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
const clockTime = z.string().regex(/^\d\d:\d\d$/, 'must be HH:MM')

const retryRule = z.object({
  attempts: z.number(),
  delaySeconds: z.number(),
  backoff: z.enum(['fixed', 'exponential']).default('fixed'),
})

const settingsSchema = z.object({
  timezone: zone,
  localTime: z.enum(['contact', 'campaign']),
  callingDays: z.array(z.string()),
  startHour: z.number(),
  endHour: z.number(),
  windows: z.array(z.object({ day: z.string(), from: clockTime, to: clockTime })),
  /** Local dates; the log names every date that the campaign's calendars have. */
  holidayCalendar: z.array(z.string()),
  startAt: instant.nullable(),
  endAt: instant.nullable(),
  law: lawSchema,
  unknownTimezone: z.string().default('campaign'),
  dailyCap: z.number().nullable(),
  callsPerSecond: z.number().nullable(),
  maxConcurrency: z.number().nullable(),
  callDelayMs: z.number(),
  weight: z.number(),
  retry: z.record(z.string(), retryRule),
  maxAttemptsPerContact: z.number(),
  maxAttemptsPerDay: z.number(),
})

/** What a campaign was told to do, as its log entries have it; instants in ms since the epoch. */
export type CampaignSettings = z.output<typeof settingsSchema>

const trunkSchema = z.object({
  livekitTrunkId: z.string().nullish(),
  callsPerSecond: z.number(),
  maxConcurrency: z.number(),
})
export type TrunkLimits = z.output<typeof trunkSchema>

const attemptLimitSchema = z.object({ calls: z.number(), hours: z.number() }).nullable()
export type AttemptLimit = z.output<typeof attemptLimitSchema>

/** What holds in a workspace until its log says otherwise. */
export const defaultAttemptLimit: AttemptLimit = { calls: 3, hours: 24 }

export function readCampaignSettings(entry: Entry): CampaignSettings {
  return read(settingsSchema, { entry, value: entry.details.settings, field: 'details.settings' })
}

export function readTrunkLimits(entry: Entry): TrunkLimits {
  return read(trunkSchema, { entry, value: entry.details, field: 'details' })
}

export function readAttemptLimit(entry: Entry): AttemptLimit {
  return read(attemptLimitSchema, { entry, value: entry.details.attemptLimit, field: 'details.attemptLimit' })
}

function read<T extends z.ZodType>(
  schema: T,
  { entry, value, field }: { entry: Entry; value: unknown; field: string },
): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const wrong = parsed.error.issues.map(({ path, message }) => `${[field, ...path].join('.')}: ${message}`)
  throw new EvidenceError(
    `Entry ${entry.id} of the log (${entry.kind}) cannot be judged: ${wrong.join('; ')}. ` +
      'Was it written by another version? Judge a log with the judge of the version that wrote it.',
  )
}
