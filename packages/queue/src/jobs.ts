import { randomUUID } from 'node:crypto'
import type { JobsOptions } from 'bullmq'

/** What each queue carries: ids, never a copy of a row. */
export type Payloads = {
  tick: { trunkId: string }
  fill: { campaignId: string }
  dial: { callId: string }
  apply: Record<string, never>
  notify: Record<string, never>
}

export type QueueName = keyof Payloads

const idFields = { tick: 'trunkId', fill: 'campaignId', dial: 'callId', apply: null, notify: null } as const

export const queueNames = Object.keys(idFields) as QueueName[]

/** The job that turns into a tick when its time has come. It shares the queue `tick`. */
export const wakeJob = 'wake'

/** One job as BullMQ takes it. */
export type JobDraft = { name: string; data: object; opts: JobsOptions }

/**
 * History lives in PostgreSQL, so nothing finished is kept. A count to keep instead of `true` makes concurrent
 * finishers on PostgreSQL deadlock, and the lost acknowledgement runs the job again (seen with BullMQ 6.7).
 */
const once = { attempts: 1, removeOnComplete: true, removeOnFail: true } satisfies JobsOptions

/** Delays beyond this are cut: Redis packs the due time into 41 bits, and whoever is woken early plans again. */
const maxDelayMs = 30 * 24 * 3_600_000

/** A job that runs soon. While one with the same key waits nothing is added; while it runs one more is kept. */
export function wakeUp(name: string, { key, data }: { key: string; data: object }): JobDraft {
  // An id of our own spares PostgreSQL a sequence that BullMQ would create at run time.
  return { name, data, opts: { ...once, jobId: randomUUID(), deduplication: { id: key, keepLastIfActive: true } } }
}

/** A tick after `delayMs`; a later one with the same key takes the place of an earlier one that is not yet due. */
export function delayedTick(trunkId: string, delayMs: number): JobDraft {
  const deduplication = { id: `wake-${trunkId}`, replace: true, keepLastIfActive: true }
  return {
    name: wakeJob,
    data: { trunkId },
    opts: { ...once, jobId: randomUUID(), delay: readDelay(delayMs), deduplication },
  }
}

/** The job of one call. Its id comes from the call, so adding it again does nothing while it is there. */
export function dialJob({ callId, delayMs }: { callId: string; delayMs: number }): JobDraft {
  const data = requirePayload('dial', { callId })
  return { name: 'dial', data, opts: { ...once, jobId: `call-${callId}`, delay: readDelay(delayMs) } }
}

/** The payload when it has exactly the id its queue carries, null when it is malformed. */
export function readPayload<Name extends QueueName>(name: Name, data: unknown): Payloads[Name] | null {
  const field = idFields[name]
  if (field === null) return {} as Payloads[Name]
  const id = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)[field] : undefined
  if (typeof id !== 'string' || !/^[\w-]{1,64}$/.test(id)) return null
  return { [field]: id } as Payloads[Name]
}

/** @throws TypeError when the id is no id: the caller has a bug, and a job that is dropped later would hide it */
export function requirePayload<Name extends QueueName>(name: Name, data: Payloads[Name]): Payloads[Name] {
  const payload = readPayload(name, data)
  if (payload) return payload
  throw new TypeError(`${name} needs a ${idFields[name]} of 1 to 64 letters, digits, - or _: pass the id of the row`)
}

function readDelay(delayMs: number): number {
  if (Number.isNaN(delayMs)) throw new TypeError('delayMs is not a number: pass milliseconds from now')
  return Math.ceil(Math.min(Math.max(delayMs, 0), maxDelayMs))
}
