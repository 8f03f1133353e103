import { calls } from '@outdial/database/schema/calls'
import type { Signal } from '@outdial/policy/signal'
import { eq, inArray, sql } from 'drizzle-orm'
import { callTimings } from '../calls/apply-signals.ts'
import { isPersonGone } from '../calls/person-gone.ts'
import { hearSignal } from '../calls/record-signal.ts'
import { sendMissingInboundAgent } from '../calls/send-inbound-agent.ts'
import type { Deps } from '../deps.ts'
import { singleCallMaxMs, singleCallRingMs } from '../dial/permit.ts'
import { expectsAgent } from '../dial/single-call-options.ts'

const batchSize = 50
/** Real time until a call that goes on is looked at again. */
const recheckMs = { ringing: 5_000, talking: 30_000 }
/** Real time beyond the ring timeout after which a leg that still rings is ended from here. */
const overdueMs = 20_000
/**
 * Real time beyond its longest duration after which an answered call is ended from here. livekit-sip ends it itself from
 * v1.9.0 on; in v1.8.0 its `maxCallDuration` counts for the dialing only.
 */
const overlongMs = 5_000

/** `longestEnd`: when LiveKit should have ended an answered call; null for one that has not been, and for callers. */
type Due = { call: typeof calls.$inferSelect; ringDeadline: Date; longestEnd: Date | null }

/** `heardAt`: what `now` has become. LiveKit may take its time, and what follows from its answer counts from there. */
type Check = Due & { now: Date; heardAt: () => Date }

/**
 * Looks at calls whose check is due: asks LiveKit what it knows and tells the state machine, or lets it decide on what
 * is known. Never dials. Returns how many were looked at.
 */
export async function checkCalls(deps: Deps, times: { now: Date; heardAt: () => Date }): Promise<number> {
  const due = await takeDue(deps, times.now)
  await Promise.all(due.map((one) => check(deps, { ...one, ...times })))
  return due.length
}

/** Moves the check on while taking it, so that two sweeps do not ask the same, and one that dies is repeated. */
async function takeDue(deps: Deps, now: Date): Promise<Due[]> {
  return deps.db.transaction(async (tx) => {
    const due = await tx.execute<{ id: string; ring_deadline: string; longest_end: string | null }>(sql`
      select c.id, greatest(c.dialed_at, c.starts_at) + ${callTimings(deps.clockSpeed).graceMs} * interval '1 millisecond'
        + coalesce((c.options->>'ringTimeoutMs')::int / 1000.0, k.ring_timeout_seconds, ${singleCallRingMs / 1000})
          * interval '1 second' as ring_deadline,
        case when c.origin <> 'inbound' then c.answered_at
          + coalesce((c.options->>'maxCallMs')::bigint / 1000.0, k.max_call_seconds, ${singleCallMaxMs / 1000})
            * interval '1 second' end as longest_end
      from calls c left join campaigns k on k.id = c.campaign_id
      where c.check_at <= ${now.toISOString()}::timestamptz
      order by c.check_at limit ${batchSize} for update of c skip locked`)
    const deadlines = new Map(due.map((row) => [row.id, row]))
    if (due.length === 0) return []
    const found = await tx
      .select()
      .from(calls)
      .where(inArray(calls.id, [...deadlines.keys()]))
    const taken = found.map((call) => {
      const { ring_deadline: ringDeadline, longest_end: longestEnd } = deadlines.get(call.id) ?? {}
      return { call, ringDeadline: new Date(ringDeadline ?? now), longestEnd: longestEnd ? new Date(longestEnd) : null }
    })
    for (const one of taken) {
      await tx
        .update(calls)
        .set({ checkAt: lookAgainAt(deps, { ...one, now }) })
        .where(eq(calls.id, one.call.id))
    }
    return taken
  })
}

function lookAgainAt({ clockSpeed }: Deps, { call, longestEnd, now }: Due & { now: Date }): Date {
  const afterMs = call.status === 'calling' ? recheckMs.ringing : recheckMs.talking
  const usualMs = now.getTime() + afterMs * clockSpeed
  const overlongAtMs = (longestEnd?.getTime() ?? 0) + overlongMs * clockSpeed
  return new Date(overlongAtMs > now.getTime() ? Math.min(usualMs, overlongAtMs) : usualMs)
}

async function check(deps: Deps, due: Check): Promise<void> {
  const { call, now } = due
  try {
    const isOver = call.status === 'completed' || call.status === 'failed'
    const wasNeverDialed = call.status === 'calling' && call.dialedAt === null
    // Nothing rings there, but its agent may be waiting.
    if (wasNeverDialed) await deps.livekit.hangUp(call.roomName).catch(() => {})
    const isKnown = isOver || wasNeverDialed
    await tell(deps, due, isKnown ? [{ kind: 'settle', at: now }] : await askLiveKit(deps, due))
  } catch (error) {
    deps.log.warn({ callId: call.id, err: error }, 'could not check a call; a later sweep tries again')
  }
}

async function tell(deps: Deps, { call, heardAt }: Check, content: Signal[]): Promise<void> {
  if (content.length === 0) return
  const event = content.map((signal) => signal.kind).join('+')
  const eventId = `${call.id}-${call.checkAt?.getTime() ?? 0}-${event}`
  const receivedAt = heardAt()
  await hearSignal(deps, { source: 'sweep', eventId, event, about: { callId: call.id }, content, receivedAt })
}

/** A leg that has to go is gone before the call ends: until then it holds its slot. */
async function askLiveKit(deps: Deps, due: Check): Promise<Signal[]> {
  const { call, ringDeadline, now } = due
  const room = await deps.livekit.lookUp(call.roomName)
  const agent: Signal[] = room.agentJoined && !call.agentJoinedAt ? [{ kind: 'agent_joined', at: now }] : []
  if (!room.leg) {
    // Before the deadline the leg may still be on its way into the room; after its end there is nothing to wait for.
    const isKnownToEnd = call.legEndedAt !== null || call.providerNews?.end
    const mayStillCome = call.status === 'calling' && !isKnownToEnd && now < ringDeadline
    return mayStillCome ? agent : [...agent, { kind: 'settle', at: now }]
  }
  if (call.status === 'calling') {
    if (room.leg.answered) return [...agent, { kind: 'answered', at: now, sipCallId: room.leg.sipCallId }]
    if (call.origin === 'inbound' && !room.agentJoined) await sendMissingInboundAgent(deps, { call, now })
    if (now.getTime() < ringDeadline.getTime() + overdueMs * deps.clockSpeed) return agent
    // Told before it is hung up: the caller would else pass for somebody whom we turned away.
    if (call.origin === 'inbound') {
      await tell(deps, due, [{ kind: 'leg_left', at: now, reason: 'unavailable', wasAnswered: false }])
    }
    await deps.livekit.hangUp(call.roomName)
    return [{ kind: 'settle', at: now }]
  }
  if (due.longestEnd && now.getTime() >= due.longestEnd.getTime() + overlongMs * deps.clockSpeed) {
    await deps.livekit.hangUp(call.roomName)
    return [...agent, { kind: 'settle', at: now }]
  }
  const wasTalking = call.options?.person !== undefined && call.agentJoinedAt !== null
  if (wasTalking && (await isPersonGone(deps, { call, isThere: room.agentJoined, now }))) {
    await deps.livekit.hangUp(call.roomName)
    return [{ kind: 'settle', at: now }]
  }
  if (room.agentJoined || call.agentJoinedAt || !expectsAgent(call)) return agent
  // Told before it is hung up: the leg that leaves would else pass for the end of a conversation.
  await tell(deps, due, [{ kind: 'agent_missing', at: now }])
  await deps.livekit.hangUp(call.roomName)
  return [{ kind: 'settle', at: now }]
}
