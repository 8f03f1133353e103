/**
 * What the trunks' providers say in callbacks of their own. A provider knows a call by its own id, and who we are told it
 * by is LiveKit (`sip.twilio.callSid`), at the latest when the leg leaves. So what comes earlier is parked until then.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { Signal } from '@outdial/policy/signal'
import { type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { uuids } from '../campaigns/feed-contacts.ts'
import type { Deps } from '../deps.ts'
import { hearSignal } from './record-signal.ts'

export type ProviderSaid = {
  source: 'twilio' | 'exotel'
  /** Unique within its source; a repeat is stored once. */
  eventId: string
  event: string
  /** Ids that the provider has for the call, letters and digits; any of them names it. */
  providerCallIds: string[]
  /** What the provider was given to know our call by, where it was: the id or the room name. */
  callName?: string | undefined
  /** The number that was called, in E.164: among its calls LiveKit may be asked for the one that is meant. */
  to?: string | undefined
  content: Signal[]
  receivedAt: Date
}

type Heard = 'recorded' | 'repeated' | 'parked'

/** Real time. Twilio waits fifteen seconds for an answer, and what is found later the sweep brings together. */
const lookUpPatienceMs = 3_000

/** Stores it once, as a signal where its call is known, else parked. Stored for good when it returns. */
export async function hearProvider(deps: Deps, said: ProviderSaid): Promise<Heard> {
  const callId = (await findByName(deps, said.callName)) ?? (await findCall(deps, said.providerCallIds))
  if (callId) return asSignal(deps, { ...said, callId })
  await park(deps, said)
  const looking = findByAskingLiveKit(deps, said).catch((err: unknown) => {
    const about = { err, source: said.source, event: said.event }
    deps.log.warn(about, 'a provider spoke of a call that could not be looked up')
    return null
  })
  const found = await Promise.race([looking, delay(lookUpPatienceMs, null, { ref: false })])
  if (!found) return 'parked'
  const status = await asSignal(deps, { ...said, callId: found })
  await unpark(deps, said)
  return status
}

/** Real time. */
const firstTryAfterMs = 1_000
const tryAtLeastEveryMs = 60_000
/** No call lasts longer; what was parked before belongs to none of ours. */
const forgottenAfterMs = 25 * 3_600_000
const batchSize = 200

type Parked = {
  id: string
  source: ProviderSaid['source']
  event_id: string
  event: string
  content: Signal[]
  received_at: string
  call_id: string | null
}

/** Gives what is parked to the calls that have become known. Returns how many were found. */
export async function matchParked(deps: Deps, now: Date): Promise<number> {
  const due = await deps.db.execute<Parked>(sql`
    select p.id, p.source, p.event_id, p.event, p.content, p.received_at, (
      select c.id from calls c where c.provider_call_id is not null and c.provider_call_id = any(p.provider_call_ids)
      order by c.id limit 1) as call_id
    from parked_signals p where p.due_at <= ${now.toISOString()}::timestamptz order by p.due_at limit ${batchSize}`)
  if (due.length === 0) return 0
  const unknown: string[] = []
  for (const { call_id: callId, ...parked } of due) {
    const said = { ...parked, eventId: parked.event_id, receivedAt: new Date(parked.received_at) }
    if (callId) {
      await asSignal(deps, { ...said, callId })
      await unpark(deps, said)
    } else unknown.push(parked.id)
  }
  if (unknown.length > 0) await putOff(deps, { ids: unknown, now })
  return due.length - unknown.length
}

async function findByName(deps: Pick<Deps, 'db'>, callName: string | undefined): Promise<string | null> {
  if (!callName) return null
  const isId = z.uuid().safeParse(callName).success
  const [call] = await deps.db.execute<{ id: string }>(
    isId ? sql`select id from calls where id = ${callName}` : sql`select id from calls where room_name = ${callName}`,
  )
  return call?.id ?? null
}

async function findCall(deps: Pick<Deps, 'db'>, providerCallIds: string[]): Promise<string | null> {
  const [call] = await deps.db.execute<{ id: string }>(sql`
    select id from calls where provider_call_id is not null and provider_call_id = any(${idArray(providerCallIds)})
    order by id limit 1`)
  return call?.id ?? null
}

async function asSignal(
  deps: Deps,
  said: Pick<ProviderSaid, 'source' | 'eventId' | 'event' | 'content' | 'receivedAt'> & { callId: string },
): Promise<Heard> {
  const { source, eventId, event, content, receivedAt, callId } = said
  const status = await hearSignal(deps, { source, eventId, event, about: { callId }, content, receivedAt })
  return status === 'recorded' ? 'recorded' : 'repeated'
}

async function park(deps: Pick<Deps, 'db' | 'clockSpeed'>, said: ProviderSaid): Promise<void> {
  const dueAt = new Date(said.receivedAt.getTime() + firstTryAfterMs * deps.clockSpeed)
  await deps.db.execute(sql`
    with durable as (select set_config('synchronous_commit', 'on', true))
    insert into parked_signals (source, event_id, event, provider_call_ids, content, received_at, due_at)
    select ${said.source}, ${said.eventId}, ${said.event}, ${idArray(said.providerCallIds)},
      ${JSON.stringify(said.content)}::jsonb, ${said.receivedAt.toISOString()}::timestamptz,
      ${dueAt.toISOString()}::timestamptz from durable
    on conflict do nothing`)
}

async function unpark(deps: Pick<Deps, 'db'>, { source, eventId }: Pick<ProviderSaid, 'source' | 'eventId'>) {
  await deps.db.execute(sql`delete from parked_signals where source = ${source} and event_id = ${eventId}`)
}

/** Less and less often, and not for ever. */
async function putOff(
  deps: Pick<Deps, 'db' | 'clockSpeed'>,
  { ids, now }: { ids: string[]; now: Date },
): Promise<void> {
  const ms = (real: number) => sql`${real * deps.clockSpeed} * interval '1 millisecond'`
  const at = sql`${now.toISOString()}::timestamptz`
  await deps.db.execute(sql`
    with forgotten as (
      delete from parked_signals where id = any(${uuids(ids)}) and received_at <= ${at} - ${ms(forgottenAfterMs)})
    update parked_signals
    set due_at = ${at} + greatest(least(${at} - received_at, ${ms(tryAtLeastEveryMs)}), ${ms(firstTryAfterMs)})
    where id = any(${uuids(ids)}) and received_at > ${at} - ${ms(forgottenAfterMs)}`)
}

function idArray(ids: string[]): SQL {
  return sql`${`{${ids.join(',')}}`}::text[]`
}

/**
 * While the leg is there, LiveKit knows the provider's id. It is asked about calls to this number that go on right now,
 * which is one, and tells the call's own id: from then on everything finds it.
 */
async function findByAskingLiveKit(deps: Deps, said: ProviderSaid): Promise<string | null> {
  if (!said.to || said.content.some((signal) => signal.kind === 'provider_ended')) return null
  const open = await deps.db.execute<{ id: string; room_name: string }>(sql`
    select c.id, c.room_name from calls c join trunks t on t.id = c.trunk_id
    where c.status in ('calling', 'answered') and c.starts_at is not null and c.provider_call_id is null
      and c.phone_number = ${said.to} and t.provider = ${said.source}
    order by c.id desc limit 3`)
  for (const call of open) {
    const { leg } = await deps.livekit.lookUp(call.room_name)
    if (!leg?.providerCallId || !said.providerCallIds.includes(leg.providerCallId)) continue
    const { sipCallId, providerCallId } = leg
    await hearSignal(deps, {
      ...{ source: 'livekit', eventId: `${call.id}/${providerCallId}`, event: 'provider_call_id' },
      about: { callId: call.id },
      content: [{ kind: 'leg_joined', at: leg.joinedAt ?? said.receivedAt, sipCallId, providerCallId }],
      receivedAt: said.receivedAt,
    })
    return call.id
  }
  return null
}
