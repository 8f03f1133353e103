import { z } from 'zod'

const instant = z.iso.datetime({ offset: true, error: 'must be an ISO instant such as 2026-03-02T15:00:00.000Z' })
const moment = z.object({ at: instant, realMs: z.number() })

/** A call of the simulator's ledger, with the fields that are judged. */
export const ledgerCall = z.object({
  sipCallId: z.string(),
  roomName: z.string(),
  to: z.string(),
  trunkId: z.string(),
  invited: moment,
  ringing: moment.optional(),
  answered: moment.optional(),
  agentJoined: moment.optional(),
  ended: moment.optional(),
  ending: z.enum(['refused', 'canceled', 'hung_up']).optional(),
  hungUpBy: z.string().optional(),
  sipStatus: z.number().optional(),
  outcome: z.string().optional(),
})

const id = z.string().nullable().default(null)

/** An entry of the event log, as the API and the table have it, in camelCase. */
export const logEntry = z.object({
  id: z.union([z.string(), z.number()]),
  at: instant,
  recordedAt: instant,
  kind: z.string(),
  workspaceId: z.string(),
  campaignId: id,
  contactId: id,
  callId: id,
  trunkId: id,
  details: z.record(z.string(), z.unknown()).default({}),
})
