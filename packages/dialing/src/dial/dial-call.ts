/**
 * The journey's one dangerous step: a claimed call becomes a ringing telephone.
 *
 * It happens at most once per call. The permit is given once; after the request to LiveKit has left, nothing here
 * repeats it, whatever the answer. What LiveKit says is recorded as a signal like any other; what it does not say is
 * found out by the sweep.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { closesAt, isOpen, localDay } from '@outdial/policy/calling-window'
import type { Signal } from '@outdial/policy/signal'
import { classifyRoomError } from '@outdial/telephony/dial-failure'
import type { DialAnswer } from '@outdial/telephony/livekit'
import { writeNumber } from '@outdial/telephony/provider-profiles'
import { callHeaders, SipHeaderError, TransferTargetError } from '@outdial/telephony/sip-headers'
import { sql } from 'drizzle-orm'
import { callTimings } from '../calls/apply-signals.ts'
import { hearSignalPatiently } from '../calls/record-signal.ts'
import { releaseCall } from '../calls/release-call.ts'
import { callingHoursOf } from '../campaigns/campaign-settings.ts'
import { dayEnd } from '../campaigns/day-end.ts'
import type { Clock, Deps } from '../deps.ts'
import { recordCall } from '../recordings/record-call.ts'
import { askForPermit } from './ask-for-permit.ts'
import { dispatchMetadata } from './dispatch-metadata.ts'
import { markDialed } from './mark-dialed.ts'
import type { PermittedCall } from './permit.ts'
import { agentOf, displayNameOf, identityOf } from './single-call-options.ts'
import { singleCallWindow } from './single-call-window.ts'
import { moveStart, type Start, type TakenStart, takeStart } from './take-start.ts'

/** Real time before the start: for the permit, and for LiveKit to make the room. */
const preparationMs = 500

/** Real time before the start at which the call is marked: what a busy disk may need for it. */
const markAheadMs = 200

/** Real time before the start at which it is taken: what the database may need for it. Doubled when that was too short. */
const leadMs = { first: 10, longest: 200 }

/** Real time. Whoever wakes up later than this after its start moves it: late calls would crowd the next ones. */
const lateMs = 5

/** Real time for which a mark says enough of whether the call is wanted, to take a start with it. */
const markHoldsMs = 400

/** The same for the request to leave. This is how late a pause or an edit may be seen, and has to stay below a second. */
const markEndsMs = 900

/**
 * Before a start that is further away than this, in real time, is waited and marked again. Nearer ones are slept up to:
 * a mark in between would often make the call late, and the next instant further away.
 */
const longWaitMs = 400

/** Real time that a call waits for the trunk's next free instant; a campaign's call is then claimed anew. */
const patienceMs = 2_000
const singleCallPatienceMs = 10_000

/** Real time after which the request to dial has surely left. */
const sentMs = 5

/** LiveKit forgives tokens less than this. */
const hostMayBeOffMs = 30_000

const emptyRoomTimeoutMs = 120_000
const departureTimeoutMs = 10_000

/** Where no agent comes, people do: who asked for the call, and who listens in. */
const personsInRoom = 10

/** `gone`: somebody else has the call, or it is over. `refused`: no permit, the call was released. */
export type DialEnding = DialAnswer['kind'] | 'gone' | 'refused'

/**
 * Dials one claimed call and waits until it is answered or not. Safe to run twice, at once or again: only one run gets
 * the permit. Throws only when the database is gone; the sweep then restores the truth.
 */
export async function dialCall(deps: Deps, input: { callId: string; clock: Clock }): Promise<DialEnding> {
  const { callId, clock } = input
  const startsAt = await readStart(deps, callId)
  if (!startsAt) return 'gone'
  await pause(clock.realDelayUntil(startsAt) - preparationMs)
  deps.failPoint?.('before_permit')
  const permit = await askForPermit(deps, { callId, now: () => latest(clock.now(), startsAt) })
  if (permit.kind === 'gone') return 'gone'
  if (permit.kind === 'refused') {
    await releaseCall(deps, { callId, ...permit, now: clock.now() })
    return 'refused'
  }
  deps.failPoint?.('permitted')
  const answer = await placeCall(deps, { dial: permit.dial, clock })
  deps.failPoint?.('dial_answered')
  const signal = toSignal(sparingCampaign(answer, clock), clock.now())
  const heard = hearSignalPatiently(deps, {
    source: 'dialer',
    eventId: `dial-${callId}`,
    event: signal.kind,
    about: { callId },
    content: [signal],
    receivedAt: clock.now(),
  })
  await Promise.all([heard, closeEmptyRoom(deps, { roomName: permit.dial.call.roomName, answer })])
  deps.failPoint?.('answer_recorded')
  if (answer.kind === 'answered') await recordCall(deps, { callId, now: clock.now() })
  return answer.kind
}

async function readStart(deps: Deps, callId: string): Promise<Date | null> {
  const [call] = await deps.db.execute<{ starts_at: string }>(sql`
    select starts_at from calls where id = ${callId} and status = 'pending' and starts_at is not null`)
  return call ? new Date(call.starts_at) : null
}

async function placeCall(deps: Deps, { dial, clock }: { dial: PermittedCall; clock: Clock }): Promise<DialAnswer> {
  const { call, campaign, trunk } = dial
  try {
    const metadata = dispatchMetadata(dial, deps.agentReports)
    const agentName = agentOf(dial)
    const sipHeaders = { ...campaign?.sipHeaders, ...call.options?.sipHeaders }
    const headers = callHeaders({ ...campaign?.metadata, ...call.metadata }, sipHeaders)
    await deps.livekit.createRoom({
      roomName: call.roomName,
      metadata,
      agent: agentName === null ? null : { name: agentName, metadata },
      emptyTimeoutMs: emptyRoomTimeoutMs,
      departureTimeoutMs,
      maxParticipants: agentName === null ? personsInRoom : 1,
    })
    deps.failPoint?.('room_created')
    const maySend = await waitForStart(deps, { dial, clock }).catch((err: unknown) => {
      deps.log.warn({ callId: call.id, err }, 'the database did not answer in time for a call: it is taken back')
      return false
    })
    if (!maySend) return takenBack
    deps.failPoint?.('start_taken')
    const answer = deps.livekit.dial({
      roomName: call.roomName,
      livekitTrunkId: trunk.livekitTrunkId,
      to: writeNumber(call.phoneNumber, trunk.numberFormat),
      headers,
      ringTimeoutMs: dial.ringTimeoutMs,
      maxCallMs: dial.maxCallMs,
      waitUntilAnswered: true,
      ...(call.fromNumber ? { from: call.fromNumber } : {}),
      ...displayNameOf(dial),
      ...(call.options?.dtmf ? { dtmf: call.options.dtmf } : {}),
      identity: identityOf(call),
      participantName: call.contactName ?? call.phoneNumber,
      attributes: { 'outdial.callId': call.id },
      wasHangUpRequested: async () => (await hangUpRequested(deps, call.id)) !== null,
    })
    if (deps.failPoint) void delay(sentMs).then(() => deps.failPoint?.('dial_sent'))
    return await answer
  } catch (error) {
    return notDialed(error)
  }
}

/**
 * Marks the call right before its planned start and takes the trunk's next free instant from there on. The mark first:
 * it waits for the disk, and whoever has taken an instant should not. False when that would be too late, or when the
 * call is not wanted any more: nothing is dialed then.
 */
async function waitForStart(deps: Deps, { dial, clock }: { dial: PermittedCall; clock: Clock }): Promise<boolean> {
  const { call, campaign } = dial
  await pause(clock.realDelayUntil(call.startsAt ?? clock.now()) - markAheadMs)
  const giveUpMs = clock.now().getTime() + (campaign ? patienceMs : singleCallPatienceMs) * deps.clockSpeed
  let markedMs = Number.NEGATIVE_INFINITY
  let notBeforeMs = call.startsAt?.getTime() ?? 0
  let missed: TakenStart | null = null
  const isOlder = (ms: number, realMs: number) => clock.now().getTime() - ms > realMs * deps.clockSpeed
  for (let lead = leadMs.first; ; lead = Math.min(2 * lead, leadMs.longest)) {
    if (isOlder(markedMs, markHoldsMs)) {
      markedMs = clock.now().getTime()
      if (!(await mark(deps, { dial, clock, giveUpMs }))) return false
    }
    const now = clock.now()
    const earliest = new Date(Math.max(now.getTime() + lead * deps.clockSpeed, notBeforeMs))
    const latest = new Date(Math.min(giveUpMs, lastInstantOf(dial, now)))
    if (earliest > latest) return false
    const moved: TakenStart | null = missed && (await moveStart(deps, { dial, missed, to: earliest }))
    const start: Start = moved ?? (await takeStart(deps, { dial, earliest, latest }))
    if (start.kind === 'too_late') return false
    const at = start.kind === 'taken' ? start.startsAt : start.until
    if (at > latest) return false
    if (clock.realDelayUntil(at) > longWaitMs || start.kind === 'too_early') {
      await pause(clock.realDelayUntil(at) - markAheadMs)
      if (start.kind === 'too_early') {
        notBeforeMs = at.getTime()
        continue
      }
      markedMs = clock.now().getTime()
      if (!(await mark(deps, { dial, clock, giveUpMs }))) return false
    }
    await pause(clock.realDelayUntil(at))
    if (!isOlder(at.getTime(), lateMs) && !isOlder(markedMs, markEndsMs)) return true
    missed = start
  }
}

async function mark(
  deps: Deps,
  { dial, clock, giveUpMs }: { dial: PermittedCall; clock: Clock; giveUpMs: number },
): Promise<boolean> {
  const now = clock.now()
  const waitMs = dial.ringTimeoutMs + callTimings(deps.clockSpeed).graceMs
  const isMarked = await markDialed(deps, { dial, now, checkAt: new Date(Math.max(giveUpMs, now.getTime()) + waitMs) })
  if (isMarked) deps.failPoint?.('marked')
  return isMarked
}

/** No call may slip past the end of its window, and a campaign's not past its day. In ms since the epoch. */
function lastInstantOf(dial: PermittedCall, now: Date): number {
  const { call, campaign, contact } = dial
  if (!contact) {
    const window = singleCallWindow(call, campaign)
    if (!window) return Number.POSITIVE_INFINITY
    if (!isOpen(window.hours, window.zoneKey, now)) return 0
    return closesAt(window.hours, window.zoneKey, now)?.getTime() ?? Number.POSITIVE_INFINITY
  }
  if (!campaign) return 0
  const hours = callingHoursOf(campaign)
  if (!isOpen(hours, contact.zoneKey, now) || localDay(campaign.timezone, now) !== call.dialDay) return 0
  const ends = [closesAt(hours, contact.zoneKey, now), dayEnd(campaign.timezone, now)]
  return Math.min(...ends.flatMap((end) => (end ? [end.getTime() - 1] : [])))
}

const takenBack: DialAnswer = {
  kind: 'failed',
  failure: {
    disposition: 'canceled',
    reached: false,
    burnsAttempt: false,
    fault: 'configuration',
    effect: 'none',
    reason: 'Taken back before it was dialed: no longer wanted, or too late for its start.',
  },
}

/** An agent may be waiting in the room of a call that was never dialed, and would wait until it closes by itself. */
async function closeEmptyRoom(
  deps: Deps,
  { roomName, answer }: { roomName: string; answer: DialAnswer },
): Promise<void> {
  if (answer.kind !== 'failed' || answer.failure.reached) return
  await deps.livekit
    .hangUp(roomName)
    .catch((err: unknown) => deps.log.warn({ roomName, err }, 'an empty room stays behind for two minutes'))
}

/** Whatever went wrong before the request to dial: nothing was dialed, for certain. */
function notDialed(error: unknown): DialAnswer {
  if (error instanceof SipHeaderError || error instanceof TransferTargetError) return misconfigured(error.message)
  return { kind: 'failed', failure: classifyRoomError(error) }
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

/** LiveKit refuses the tokens of a host whose clock is far off. That is no reason to stop the campaign: others dial on. */
function sparingCampaign(answer: DialAnswer, clock: Clock): DialAnswer {
  const aheadMs = Date.now() - clock.realNow().getTime()
  if (answer.kind !== 'failed' || answer.failure.effect !== 'stop_campaign' || Math.abs(aheadMs) < hostMayBeOffMs)
    return answer
  const reason = `The clock of a dial worker's host is off by ${Math.round(aheadMs / 1_000)} s, so LiveKit refuses it: set it right.`
  return {
    kind: 'failed',
    failure: { ...answer.failure, burnsAttempt: false, fault: 'livekit', effect: 'none', reason },
  }
}

function toSignal(answer: DialAnswer, at: Date): Signal {
  switch (answer.kind) {
    case 'answered':
      return { kind: 'answered', at, sipCallId: answer.sipCallId }
    case 'ringing':
      return { kind: 'leg_joined', at, sipCallId: answer.sipCallId }
    case 'unclear':
      return { kind: 'dial_unclear', at, reason: answer.reason }
    case 'failed':
      return { kind: 'dial_failed', at, ...answer.failure }
  }
}

function latest(a: Date, b: Date): Date {
  return a >= b ? a : b
}

/** Timers cut fractions off, and a start must not come early. */
async function pause(realMs: number): Promise<void> {
  if (realMs > 0) await delay(Math.ceil(realMs))
}
