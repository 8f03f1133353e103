import type { LiveKit } from '@outdial/telephony/livekit'
import type { TwirpApi } from './twirp-api.ts'
import type { WebhookInbox } from './webhook-inbox.ts'

export type TargetName = 'simulator' | 'livekit'

/** What somebody who is called does. Each has the same meaning on every target. */
export type Callee =
  /** Rings for a second or more, answers, and stays until somebody else hangs up. */
  | 'answers'
  /** Rings, answers, and hangs up after two seconds or more. */
  | 'answers_and_hangs_up'
  | 'no_answer'
  | 'busy'
  | 'rejects'
  | 'declined'
  | 'invalid'
  | 'cps_limit'
  | 'carrier_error'
  /** 183 with SDP instead of 180, then as `answers`. */
  | 'early_media'
  /** Rings until the CANCEL, and answers before it has read it. The simulated telephone is never that unlucky. */
  | 'answers_despite_cancel'
  | 'carrier_silent'
  | 'auth_required'
  | 'unauthorized'
  | 'forbidden'
  | 'busy_everywhere'
  | 'gone'
  | 'incomplete'
  | 'carrier_timeout'
  | 'carrier_fault'
  | 'request_timeout'

/** One INVITE as the telephone saw it. Times are ms since 1970 of the target's clock. */
export type SeenCall = {
  to: string
  /** The number in From: every dial of the suite has its own. */
  from: string
  invitedMs: number
  ringingMs?: number | undefined
  answeredMs?: number | undefined
  endedMs?: number | undefined
  ending?: 'refused' | 'canceled' | 'hung_up' | undefined
  sipStatus?: number | undefined
  /** The name that the callee is shown. */
  displayName?: string | undefined
  /** Those that begin with X-, by their names in lower case. */
  headers: Record<string, string>
  /** Who sent the BYE. */
  hungUpBy?: 'callee' | 'caller' | undefined
}

/** A LiveKit project with a telephone behind it. */
export type Target = {
  name: TargetName
  /** What runs, for the table: program and version. */
  versions: Record<string, string>
  livekit: LiveKit
  api: TwirpApi
  inbox: WebhookInbox
  /** The address of a trunk whose calls reach the telephone. */
  phoneAddress: string
  numberOf(callee: Callee): Promise<string>
  /** All calls the telephone has seen. */
  calls(): Promise<SeenCall[]>
  /** Real ms of so many ms of the target's clock. */
  toRealMs(clockMs: number): number
  /** Makes a worker for agents of this name; they join, wait, and do nothing else. */
  startWorker(agentName: string): Promise<{ close(): Promise<void> }>
  /** Somebody calls `to`; hangs up after `patienceMs` unless answered, else after `talkMs`. */
  callIn(call: { from: string; to: string; patienceMs: number; talkMs: number }): Promise<void>
  close(): Promise<void>
}
