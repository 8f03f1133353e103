import {
  type CallingHours,
  callingHoursFields,
  checkCallingHours,
  defaultCallingHours,
} from '@outdial/policy/calling-hours'
import { defaultRetry, retrySchema } from '@outdial/policy/retry'
import { weekdays } from '@outdial/policy/states'
import { callHeaders, SipHeaderError } from '@outdial/telephony/sip-headers'
import { z } from 'zod'
import { e164, longText, metadata, moment, name, questions, uuid } from '../fields.ts'
import type { WrongField } from '../refusals.ts'

const day = z.preprocess(fullDayName, z.enum(weekdays, { error: 'must be a day such as monday or mon' }))

/** Headers of ours only: a campaign that set From or Via would break the call. */
const sipHeaders = z
  .record(
    z.string().regex(/^[xXpP]-[A-Za-z0-9-]{1,60}$/, 'must be the name of an X- or P- header'),
    z
      .string()
      .max(500)
      .regex(/^[^\r\n]*$/, 'must be one line'),
  )
  .refine((headers) => Object.keys(headers).length <= 20, 'must have at most 20 headers')

/** Every field of a campaign without its default, as PATCH takes them; null takes a setting away. */
export const campaignFields = {
  name,
  assistantId: uuid,
  trunkId: uuid.nullable().meta({ description: "Without one the assistant's is used, else the workspace's default." }),
  contactSource: z.enum(['contact_list', 'csv_file']),
  contactListId: uuid.nullable(),
  csvFileId: uuid.nullable(),
  campaignPrompt: longText.meta({ description: 'Fills {name} and {{name}} from the contact and the metadata.' }),
  placeholderDefaults: z
    .record(z.string().min(1).max(200), z.string().max(1_000))
    .meta({ description: 'What to put where a prompt names something that a contact does not have.' }),
  questions,
  metadata,
  timezone: callingHoursFields.timezone.meta({ description: 'IANA name. The daily cap counts its days.' }),
  localTime: callingHoursFields.localTime,
  callingDays: z.array(day).max(7),
  startHour: callingHoursFields.startHour,
  endHour: callingHoursFields.endHour.meta({
    description: 'With startHour: both 0 is all day; an earlier one is on the next day.',
  }),
  windows: z
    .array(z.strictObject({ ...callingHoursFields.windows.element.shape, day }))
    .max(100, 'must have at most 100 windows')
    .meta({ description: 'Instead of days and hours: several a day, also across midnight.' }),
  holidayCalendar: callingHoursFields.holidays.meta({
    description:
      'When nobody is called: dates (YYYY-MM-DD) and calendars of public holidays such as US, US-CA, DE or DE-BY, ' +
      'each on the calendar of the contact.',
  }),
  unknownTimezone: callingHoursFields.unknownTimezone.meta({
    description: 'Contacts whose time zone is not known: called by the clock of the campaign, or not at all.',
  }),
  jurisdictionRules: callingHoursFields.jurisdictionRules.meta({
    description:
      'Whether calls are kept within the hours that the law of the place allows, on top of the hours here, or ' +
      'whether preview and status only warn. A help and no legal advice.',
  }),
  startAt: moment.nullable(),
  endAt: moment.nullable(),
  dailyCap: z
    .int()
    .min(1)
    .max(10_000_000)
    .nullable()
    .meta({ description: 'Dial attempts per local day; null for no cap.' }),
  callDelayMs: z.int().min(0).max(3_600_000).meta({ description: 'The least time between two calls of the campaign.' }),
  callsPerSecond: z.number().min(0.001).max(1_000).nullable(),
  maxConcurrency: z.int().min(1).max(100_000).nullable(),
  weight: z.int().min(1).max(1_000).meta({ description: 'Its share of a trunk that several campaigns use.' }),
  ringTimeoutSeconds: z.int().min(15).max(80),
  maxCallSeconds: z.int().min(10).max(86_400),
  retry: retrySchema,
  maxAttemptsPerContact: z.int().min(1).max(100),
  maxAttemptsPerDay: z.int().min(1).max(100),
  fromNumbers: z
    .array(e164)
    .max(1_000)
    .meta({
      description:
        'Numbers to call from, instead of all of the trunk. Of those nearest to a contact (area, else country) each is ' +
        'used alike, and another one when the contact is called again.',
    }),
  sipHeaders,
  displayName: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .regex(/^[^"<>\r\n]*$/, 'must not contain quotes or brackets')
    .refine((text) => Buffer.byteLength(text) <= 128, 'must have at most 128 bytes as UTF-8')
    .nullable(),
  aiDisclosure: z
    .string()
    .max(2_000, 'must have at most 2,000 characters')
    .meta({
      description:
        'What the agent says first, word for word, so that people know it is an AI; {name} and {{name}} are filled. ' +
        "Empty: the assistant's.",
    }),
  voicemail: z.enum(['hangup', 'leave_message', 'continue']).meta({
    description: 'What the agent is told to do when a machine answers.',
  }),
  voicemailMessage: z
    .string()
    .max(2_000, 'must have at most 2,000 characters')
    .meta({ description: 'What it leaves there with `leave_message`; {name} and {{name}} are filled.' }),
  predialUrl: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .max(2_000)
    .nullable()
    .meta({ description: 'Asked right before each call whether it is to be made; without its yes nobody is called.' }),
  recording: z.boolean().nullable().meta({
    description:
      'Whether conversations are recorded; null: as the installation is set. Tell people, where the law asks for it.',
  }),
}

const defaults = z.strictObject({
  ...campaignFields,
  trunkId: campaignFields.trunkId.default(null),
  contactListId: campaignFields.contactListId.default(null),
  csvFileId: campaignFields.csvFileId.default(null),
  campaignPrompt: campaignFields.campaignPrompt.default(''),
  placeholderDefaults: campaignFields.placeholderDefaults.default({}),
  questions: campaignFields.questions.default([]),
  metadata: campaignFields.metadata.default({}),
  timezone: campaignFields.timezone.default(defaultCallingHours.timezone),
  localTime: campaignFields.localTime.default('contact'),
  callingDays: campaignFields.callingDays.optional(),
  startHour: campaignFields.startHour.optional(),
  endHour: campaignFields.endHour.optional(),
  windows: campaignFields.windows.default([]),
  holidayCalendar: campaignFields.holidayCalendar.default([]),
  unknownTimezone: campaignFields.unknownTimezone.default(defaultCallingHours.unknownTimezone),
  jurisdictionRules: campaignFields.jurisdictionRules.default(defaultCallingHours.jurisdictionRules),
  startAt: campaignFields.startAt.default(null),
  endAt: campaignFields.endAt.default(null),
  dailyCap: campaignFields.dailyCap.default(null),
  callDelayMs: campaignFields.callDelayMs.default(2_000),
  callsPerSecond: campaignFields.callsPerSecond.default(null),
  maxConcurrency: campaignFields.maxConcurrency.default(null),
  weight: campaignFields.weight.default(1),
  ringTimeoutSeconds: campaignFields.ringTimeoutSeconds.default(30),
  maxCallSeconds: campaignFields.maxCallSeconds.default(1_800),
  retry: campaignFields.retry.default(defaultRetry),
  maxAttemptsPerContact: campaignFields.maxAttemptsPerContact.default(3),
  maxAttemptsPerDay: campaignFields.maxAttemptsPerDay.default(2),
  fromNumbers: campaignFields.fromNumbers.default([]),
  sipHeaders: campaignFields.sipHeaders.default({}),
  displayName: campaignFields.displayName.default(null),
  aiDisclosure: campaignFields.aiDisclosure.default(''),
  voicemail: campaignFields.voicemail.default('hangup'),
  voicemailMessage: campaignFields.voicemailMessage.default(''),
  predialUrl: campaignFields.predialUrl.default(null),
  recording: campaignFields.recording.default(null),
})

/** All that people set on a campaign. Days and hours may be left out where there are windows. */
export const campaignInput = defaults.superRefine((input, context) => {
  for (const wrong of checkCampaign(withHours(input), input)) {
    context.addIssue({
      code: 'custom',
      path: wrong.field.split('.'),
      message: wrong.message,
      params: { code: wrong.code },
    })
  }
})

/** What is to change; everything else stays. */
export const campaignPatch = z.strictObject(campaignFields).partial()

export type CampaignInput = z.infer<typeof campaignInput>
export type CampaignPatch = z.infer<typeof campaignPatch>
export type CampaignSettings = Required<CampaignInput>

/** Windows replace days and hours, so that what was left out beside them can stay empty. */
export function withHours(input: CampaignInput): CampaignSettings {
  return {
    ...input,
    callingDays: input.callingDays ?? [],
    startHour: input.startHour ?? 0,
    endHour: input.endHour ?? 0,
  }
}

/** What does not fit between the fields of a whole campaign, each with the field to change. */
export function checkCampaign(settings: CampaignSettings, given: CampaignInput = settings): WrongField[] {
  return [...checkSource(settings), ...checkDaysAndHours(given), ...checkHours(settings), ...checkHeaders(settings)]
}

/** The least time between two calls of a campaign, in ms; 0 for none. */
export function gapOf(settings: Pick<CampaignSettings, 'callDelayMs' | 'callsPerSecond'> | null): number {
  if (!settings) return 0
  return Math.max(settings.callDelayMs, settings.callsPerSecond ? 1_000 / settings.callsPerSecond : 0)
}

export function callingHoursOf(
  settings: Pick<CampaignSettings, 'holidayCalendar' | keyof Omit<CallingHours, 'holidays'>>,
): CallingHours {
  const { timezone, callingDays, startHour, endHour, windows, startAt, endAt } = settings
  const { holidayCalendar, localTime, unknownTimezone, jurisdictionRules } = settings
  return {
    ...{ timezone, callingDays, startHour, endHour, windows, startAt, endAt },
    ...{ holidays: holidayCalendar, localTime, unknownTimezone, jurisdictionRules },
  }
}

function checkSource({ contactSource, contactListId, csvFileId }: CampaignSettings): WrongField[] {
  const [wanted, other] = contactSource === 'csv_file' ? ['csvFileId', 'contactListId'] : ['contactListId', 'csvFileId']
  const given: Record<string, string | null> = { contactListId, csvFileId }
  const wrong: WrongField[] = []
  if (!given[wanted]) {
    wrong.push({ field: wanted, code: 'required', message: `is required when contactSource is ${contactSource}` })
  }
  if (given[other]) {
    wrong.push({
      field: other,
      code: 'not_allowed',
      message: `must be left out when contactSource is ${contactSource}`,
    })
  }
  return wrong
}

function checkDaysAndHours(given: CampaignInput): WrongField[] {
  if (given.windows.length > 0) return []
  return (['callingDays', 'startHour', 'endHour'] as const)
    .filter((field) => given[field] === undefined)
    .map((field) => ({ field, code: 'required', message: 'is required where there are no windows' }))
}

function checkHours(settings: CampaignSettings): WrongField[] {
  return checkCallingHours(callingHoursOf(settings)).map(({ path, message }) => ({
    field: path.join('.'),
    code: 'invalid',
    message,
  }))
}

/** Better than at the first call, which would stop the campaign. */
function checkHeaders({ metadata, sipHeaders }: CampaignSettings): WrongField[] {
  try {
    callHeaders(metadata, sipHeaders)
    return []
  } catch (error) {
    const isOwn = error instanceof SipHeaderError && error.header in sipHeaders
    const message = error instanceof Error ? error.message : String(error)
    return [{ field: isOwn ? 'sipHeaders' : 'metadata', code: 'invalid_header', message }]
  }
}

function fullDayName(value: unknown): unknown {
  if (typeof value !== 'string' || value.trim().length < 3) return value
  const typed = value.trim().toLowerCase()
  return weekdays.find((weekday) => weekday.startsWith(typed)) ?? value
}
