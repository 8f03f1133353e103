import { z } from 'zod'

// The parts of the API's answers that these commands need.

const moment = z.iso.datetime().transform((text) => new Date(text))

export const created = z.object({ id: z.string() })

export const csvFile = z.object({
  id: z.string(),
  contactListId: z.string(),
  status: z.enum(['importing', 'imported', 'failed']),
  rows: z.int(),
  accepted: z.int(),
  duplicates: z.int(),
  invalid: z.int(),
  error: z.string().nullable(),
})
export type CsvFile = z.output<typeof csvFile>

export const call = z.object({
  id: z.string(),
  roomName: z.string(),
  phoneNumber: z.string(),
  status: z.string(),
  disposition: z.string().nullable(),
  outcome: z.string().nullable(),
  createdAt: moment,
  startsAt: moment.nullable(),
  permittedAt: moment.nullable(),
})
export type Call = z.output<typeof call>

const counts = z.record(z.string(), z.int())

export const campaignStatus = z.object({
  executionStatus: z.string(),
  contacts: z.object({ total: z.int(), waiting: z.int(), claimed: z.int(), finished: z.int() }),
  calls: z.object({ total: z.int(), pending: z.int(), calling: z.int(), answered: z.int() }),
  today: z.object({ dialed: z.int(), dailyCap: z.int().nullable() }),
  window: z.object({ isOpen: z.boolean(), closesAt: moment.nullable(), nextOpening: moment.nullable() }),
  notCalling: z.object({ reason: z.string(), until: moment.nullable() }).nullable(),
})
export type CampaignStatus = z.output<typeof campaignStatus>

export const campaignContact = z.object({
  phoneNumber: z.string(),
  name: z.string().nullable(),
  state: z.string(),
  attempts: z.int(),
  why: z.object({ reason: z.string(), until: moment.nullable() }),
  log: z.array(z.object({ at: moment, kind: z.string(), details: z.record(z.string(), z.unknown()) })),
})

export const campaignStats = z.object({
  calls: z.object({ total: z.int(), byStatus: counts, byDisposition: counts, byOutcome: counts }),
  finishedContacts: z.object({ total: z.int(), byReason: counts }),
  reached: z.object({ answered: z.int() }),
})
export type CampaignStats = z.output<typeof campaignStats>

export const campaignTimes = z.object({
  executionStatus: z.string(),
  errorReason: z.string().nullable(),
  startedAt: moment.nullable(),
  completedAt: moment.nullable(),
})
