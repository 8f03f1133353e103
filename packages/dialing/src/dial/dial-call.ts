/**
 * The journey's one dangerous step: a claimed call becomes a ringing telephone.
 *
 * It happens at most once per call. The permit is given once; after the request to LiveKit has left, nothing here
 * repeats it, whatever the answer. What LiveKit says is recorded as a signal like any other; what it does not say is
 * found out by the sweep.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Signal } from '@outdial/policy/signal'
import { classifyDialError } from '@outdial/telephony/dial-failure'
import type { DialAnswer } from '@outdial/telephony/livekit'
import { callHeaders, SipHeaderError, TransferTargetError } from '@outdial/telephony/sip-headers'
import { sql } from 'drizzle-orm'
import { recordSignal } from '../calls/record-signal.ts'
import { releaseCall } from '../calls/release-call.ts'
import { regrantStart } from '../claim/regrant-start.ts'
import type { Clock, Deps } from '../deps.ts'
import { dispatchMetadata } from './dispatch-metadata.ts'
import { type PermittedCall, permitCall } from './permit.ts'

/** A start later than this, in real time, would share its second with calls that are on time. */
const latenessAllowedMs = 20

const emptyRoomTimeoutMs = 120_000
const departureTimeoutMs = 10_000

/**
 * Dials one claimed call and waits until it is answered or not. Safe to run twice, at once or again: only one run gets
 * the permit. Throws only when the database is gone; the sweep then restores the truth.
 */
export async function dialCall(deps: Deps, input: { callId: string; clock: Clock }): Promise<void> {
  const { callId, clock } = input
  if (!(await waitForStart(deps, input))) return
  const permit = await permitCall(deps, { callId, now: clock.now() })
  if (permit.kind === 'gone') return
  if (permit.kind === 'refused') return releaseCall(deps, { callId, ...permit, now: clock.now() })
  const answer = await placeCall(deps, permit.dial)
  const signal = toSignal(answer, clock.now())
  await recordSignal(deps, {
    ...{ source: 'dialer', eventId: `dial-${callId}`, event: signal.kind, about: { callId } },
    ...{ content: [signal], receivedAt: clock.now() },
  })
}

/** Waits for the granted start. A late call is granted another one first. False when there is nothing to start. */
async function waitForStart(deps: Deps, { callId, clock }: { callId: string; clock: Clock }): Promise<boolean> {
  const [call] = await deps.db.execute<{ starts_at: string; trunk_id: string; interval_ms: number }>(sql`
    select c.starts_at, c.trunk_id, 1000 / t.calls_per_second as interval_ms
    from calls c join trunks t on t.id = c.trunk_id
    where c.id = ${callId} and c.status = 'pending' and c.starts_at is not null`)
  if (!call) return false
  let startsAt: Date | null = new Date(call.starts_at)
  const latestMs = startsAt.getTime() + Math.min(latenessAllowedMs * deps.clockSpeed, call.interval_ms / 2)
  if (clock.now().getTime() > latestMs) {
    startsAt = await regrantStart(deps, { callId, trunkId: call.trunk_id, now: clock.now() })
  }
  if (!startsAt) return false
  await delay(clock.realDelayUntil(startsAt))
  return true
}

async function placeCall(deps: Deps, dial: PermittedCall): Promise<DialAnswer> {
  const { call, campaign, assistant, trunk } = dial
  try {
    const metadata = dispatchMetadata(dial, deps.agentReports)
    const headers = callHeaders({ ...campaign?.metadata, ...call.metadata }, campaign?.sipHeaders ?? {})
    await deps.livekit.createRoom({
      ...{ roomName: call.roomName, metadata, agent: { name: assistant.agentName, metadata } },
      ...{ emptyTimeoutMs: emptyRoomTimeoutMs, departureTimeoutMs, maxParticipants: 1 },
    })
    if (!(await isStillWanted(deps, call.id))) return await takeBack(deps, call.roomName)
    return await deps.livekit.dial({
      ...{ roomName: call.roomName, livekitTrunkId: trunk.livekitTrunkId, to: call.phoneNumber, headers },
      ...{ ringTimeoutMs: dial.ringTimeoutMs, maxCallMs: dial.maxCallMs, waitUntilAnswered: true },
      ...(call.fromNumber ? { from: call.fromNumber } : {}),
      ...(campaign?.displayName ? { displayName: campaign.displayName } : {}),
      identity: `callee-${call.id}`,
      participantName: call.contactName ?? call.phoneNumber,
      attributes: { 'outdial.callId': call.id },
      wasHangUpRequested: async () => (await hangUpRequested(deps, call.id)) !== null,
    })
  } catch (error) {
    return notDialed(error)
  }
}

/** A pause, a stop or a hang-up that came while the room was made. */
async function isStillWanted(deps: Deps, callId: string): Promise<boolean> {
  const [row] = await deps.db.execute(sql`
    select 1 from calls c left join campaigns k on k.id = c.campaign_id and c.origin = 'campaign'
    where c.id = ${callId} and c.status = 'calling' and c.hangup_requested_at is null
      and coalesce(k.execution_status, 'running') = 'running'`)
  return row !== undefined
}

async function takeBack(deps: Deps, roomName: string): Promise<DialAnswer> {
  await deps.livekit.hangUp(roomName).catch((error) => deps.log.warn({ roomName, error }, 'an empty room stays behind'))
  const reason = 'Paused, stopped or hung up before it was dialed.'
  return {
    kind: 'failed',
    failure: {
      disposition: 'canceled',
      reached: false,
      burnsAttempt: false,
      fault: 'configuration',
      effect: 'none',
      reason,
    },
  }
}

/** The room could not be made, so nothing was dialed for certain, whatever the error. */
function notDialed(error: unknown): DialAnswer {
  const verdict = classifyDialError(error instanceof Error && error.cause ? error.cause : error)
  if (!('kind' in verdict)) return { kind: 'failed', failure: { ...verdict, reached: false, burnsAttempt: false } }
  const reason = error instanceof Error ? error.message : String(error)
  if (error instanceof SipHeaderError || error instanceof TransferTargetError) return misconfigured(reason)
  const failure = {
    disposition: 'trunk_error',
    reached: false,
    burnsAttempt: false,
    fault: 'livekit',
    effect: 'slow_lane',
    reason,
  } as const
  return { kind: 'failed', failure }
}

/** Headers are the campaign's or come with every contact alike: no other call would fare better. */
function misconfigured(reason: string): DialAnswer {
  const wrong = { disposition: 'trunk_error', fault: 'configuration', effect: 'stop_campaign' } as const
  return { kind: 'failed', failure: { ...wrong, reached: false, burnsAttempt: false, reason } }
}

async function hangUpRequested(deps: Deps, callId: string): Promise<string | null> {
  const [row] = await deps.db.execute<{ at: string | null }>(sql`
    select hangup_requested_at as at from calls where id = ${callId}`)
  return row?.at ?? null
}

function toSignal(answer: DialAnswer, at: Date): Signal {
  switch (answer.kind) {
    case 'answered':
      return { kind: 'answered', at, sipCallId: answer.sipCallId }
    case 'ringing':
      return { kind: 'leg_joined', at, sipCallId: answer.sipCallId }
    case 'unclear':
      return { kind: 'dial_unclear', at, reason: answer.reason }
    case 'failed': {
      const { fault: _, ...failure } = answer.failure
      return { kind: 'dial_failed', at, ...failure }
    }
  }
}
