import { z } from 'zod'

// The shapes that the inputs of many verbs share. Limits keep a row well below what PostgreSQL, a SIP message and the
// metadata of a LiveKit room can carry.

export const uuid = z.uuid({ error: 'must be a UUID' })

export const name = z.string().trim().min(1, 'must not be empty').max(200, 'must have at most 200 characters')

export const longText = z.string().max(20_000, 'must have at most 20,000 characters')

export const questions = z
  .array(z.string().trim().min(1, 'must not be empty').max(1_000, 'must have at most 1,000 characters'))
  .max(50, 'must have at most 50 entries')

/** A number as carriers take it, `+` and 2 to 15 digits. Whether it exists is not asked. */
export const e164 = z.string().regex(/^\+[1-9]\d{1,14}$/, 'must be a number in E.164 form such as +14155550100')

/** Years beyond what people plan for are typing errors. */
const isPlannable = (text: string) => /^(19[7-9]\d|20\d\d|21\d\d)-/.test(text)
const plannable = 'must be between the years 1970 and 2199'

/** A moment, with its offset from UTC. */
export const moment = z.iso
  .datetime({
    offset: true,
    abort: true,
    error: 'must be an ISO 8601 date and time with offset such as 2026-03-01T09:00:00Z',
  })
  .refine(isPlannable, plannable)
  .transform((text) => new Date(text))

/** A date, which means its beginning in UTC, or a moment. */
export const dayOrMoment = z.union(
  [
    z.iso
      .date()
      .refine(isPlannable)
      .transform((day) => new Date(`${day}T00:00:00Z`)),
    moment,
  ],
  {
    error: `must be a date such as 2026-03-01, or a date and time with offset, and ${plannable.replace('must be ', '')}`,
  },
)

/** Free-form data that is handed through: an object of at most 16 KB as JSON. */
export const metadata = z
  .record(z.string().min(1).max(200), z.unknown())
  .refine((value) => JSON.stringify(value).length <= 16_384, 'must be at most 16 KB as JSON')
