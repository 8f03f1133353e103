import type { Db } from '@outdial/database/client'
import type { Queue } from '@outdial/queue/queue'
import type { LiveKit } from '@outdial/telephony/livekit'
import type { FailPoint } from './fail-point.ts'
import type { Recorder } from './recordings/recorder.ts'

/** What the verbs of this package work with; a process makes it once. */
export type Deps = {
  db: Db
  queue: Queue
  livekit: LiveKit
  /** How fast the dialer's clock runs against real time: 1, but in demos and tests. Graces of the network scale with it. */
  clockSpeed: number
  /** Where agents report, and the secret that their tokens are made from. */
  agentReports: { baseUrl: string; secret: string }
  /** Makes recordings and keeps their files; absent where there is no storage for them. */
  recorder?: Recorder
  /** Whether notices and pre-dial questions may go to private and local addresses; not where it is absent. */
  allowPrivateNotices?: boolean
  log: Log
  /** Where the engine may be killed on purpose, for tests of its guarantees; absent in production. */
  failPoint?: (point: FailPoint) => void
}

/** The time of a process, for the few verbs that outlast a moment. */
export type Clock = {
  now(): Date
  /** Real time as PostgreSQL has it, whatever the host's clock shows. */
  realNow(): Date
  /** Real milliseconds until the clock shows `date`; 0 when it already has. */
  realDelayUntil(date: Date): number
}

export type Log = {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** On whose behalf a person's request is carried out, and when. */
export type Who = {
  workspaceId: string
  /** For the audit log: `key:<prefix>` or `user:<subject>`. */
  actor: string
  now: Date
  /** The id for what this request creates. A repeat of the request brings the same one, so that it creates nothing twice. */
  newId?: string
}
