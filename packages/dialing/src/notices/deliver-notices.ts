/**
 * The postman. Notices are handed over to endpoints, deliveries that are due are claimed, sent and put down, until
 * nothing is due. Everything that matters is in the database: whoever is killed in between loses a claim, which another
 * takes over when it has run out, and the notice is sent again under the same id.
 */
import { type SQL, sql } from 'drizzle-orm'
import type { Clock, Deps } from '../deps.ts'
import { addressNotices } from './address-notices.ts'
import { composePayloads } from './notice-payload.ts'
import { recordTry, type TriedDelivery } from './record-try.ts'
import { type SendOptions, sendNotice } from './send-notice.ts'
import { signatureHeaders } from './sign-notice.ts'

/** So many are on their way at once from one call of `deliverNotices`. */
const inFlightMax = 25
/** And so many of these to one endpoint, so that a slow one leaves room for the others. */
const perEndpointMax = 10
/** Real time after which a claim is taken for lost; well above what a try may take. */
const claimMs = 30_000

export type DeliverOptions = Omit<SendOptions, 'allowPrivate'> & { stopping?: AbortSignal }

type PostmanDeps = Pick<Deps, 'db' | 'clockSpeed' | 'allowPrivateNotices' | 'log'>

type Clocks = Pick<Clock, 'now' | 'realNow'>

/** Any number of processes may. Returns how many tries it made; never throws for an endpoint's sake. */
export async function deliverNotices(deps: PostmanDeps, clock: Clocks, options: DeliverOptions = {}): Promise<number> {
  const inFlight = new Set<Promise<void>>()
  let tries = 0
  try {
    while (!options.stopping?.aborted) {
      const looked = await addressNotices(deps, clock.now())
      const claimed = await claimDeliveries(deps, { now: clock.now(), limit: inFlightMax - inFlight.size })
      const payloads = await composePayloads(
        deps.db,
        claimed.map(({ notice }) => notice),
      )
      for (const [i, delivery] of claimed.entries()) {
        const body = JSON.stringify(payloads[i])
        const sent = deliver(deps, { clock, delivery, body, options }).finally(() => inFlight.delete(sent))
        inFlight.add(sent)
      }
      tries += claimed.length
      if (claimed.length > 0 || looked > 0) continue
      if (inFlight.size === 0) break
      await Promise.race(inFlight)
    }
  } finally {
    await Promise.all(inFlight)
  }
  return tries
}

type Claimed = TriedDelivery & {
  url: string
  secrets: string[]
  notice: Parameters<typeof composePayloads>[1][number]
}

type ClaimedRow = {
  id: string
  notice_id: string
  endpoint_id: string
  workspace_id: string
  failures: number
  url: string
  secret: string
  previous_secret: string | null
  event: string
  call_id: string | null
  campaign_id: string | null
  data: Record<string, unknown>
  created_at: string
}

/** An endpoint that fails is given one at a time: the first that it takes lets all the others go. */
async function claimDeliveries(
  deps: Pick<Deps, 'db' | 'clockSpeed'>,
  { now, limit }: { now: Date; limit: number },
): Promise<Claimed[]> {
  if (limit <= 0) return []
  const at = sql`${now.toISOString()}::timestamptz`
  const until = new Date(now.getTime() + claimMs * deps.clockSpeed)
  const rows = await deps.db.execute<ClaimedRow>(sql`
    with open as (
      select e.id, case when e.failures = 0 then ${perEndpointMax}::int else 1 end - (
        select count(*)::int from notice_deliveries d
        where d.endpoint_id = e.id and d.status = 'pending' and d.claimed_until > ${at}) as room
      from notice_endpoints e
      where ${mayBeTried(at)} and exists (select from notice_deliveries d where d.endpoint_id = e.id and ${isDue(at)})),
    picked as (
      select due.id from open, lateral (
        select d.id from notice_deliveries d where d.endpoint_id = open.id and ${isDue(at)}
        order by d.next_try_at, d.id limit greatest(open.room, 0) for update skip locked) due
      limit ${limit}),
    claimed as (
      update notice_deliveries d set claimed_until = ${until.toISOString()}::timestamptz, tries = d.tries + 1
      from picked where d.id = picked.id returning d.id, d.notice_id, d.endpoint_id, d.workspace_id)
    select c.*, e.failures, e.url, e.secret,
      case when e.previous_secret_until > ${at} then e.previous_secret end as previous_secret,
      n.event, n.call_id, n.campaign_id, n.data, n.created_at
    from claimed c join notices n on n.id = c.notice_id join notice_endpoints e on e.id = c.endpoint_id`)
  return rows.map((row) => ({
    id: row.id,
    noticeId: row.notice_id,
    endpointId: row.endpoint_id,
    workspaceId: row.workspace_id,
    endpointFailures: row.failures,
    url: row.url,
    secrets: [row.secret, ...(row.previous_secret ? [row.previous_secret] : [])],
    notice: {
      event: row.event,
      callId: row.call_id,
      campaignId: row.campaign_id,
      data: row.data,
      createdAt: new Date(row.created_at),
    },
  }))
}

/** Of an endpoint called `e`. */
function mayBeTried(at: SQL): SQL {
  return sql`e.archived_at is null and e.switched_off_at is null and (e.held_until is null or e.held_until <= ${at})`
}

/** Of a delivery called `d`. */
function isDue(at: SQL): SQL {
  return sql`d.status = 'pending' and d.next_try_at <= ${at} and (d.claimed_until is null or d.claimed_until <= ${at})`
}

/** Whether there is anything for `deliverNotices` to do. */
export async function isAnythingDue(deps: Pick<Deps, 'db'>, now: Date): Promise<boolean> {
  const at = sql`${now.toISOString()}::timestamptz`
  const [found] = await deps.db.execute<{ due: boolean }>(sql`
    select exists (select from notices where status = 'waiting' and due_at <= ${at})
      or exists (select from notice_endpoints e where ${mayBeTried(at)}
        and exists (select from notice_deliveries d where d.endpoint_id = e.id and ${isDue(at)})) as due`)
  return found?.due ?? false
}

/** What cannot be put down is sent again when the claim has run out. */
async function deliver(
  deps: PostmanDeps,
  way: { clock: Clocks; delivery: Claimed; body: string; options: DeliverOptions },
): Promise<void> {
  const { clock, delivery, body, options } = way
  const { id, noticeId, url, secrets } = delivery
  try {
    const headers = signatureHeaders({ id: noticeId, sentAt: clock.realNow(), body, secrets })
    const allowPrivate = deps.allowPrivateNotices ?? false
    const result = await sendNotice({ url, headers, body }, { ...options, allowPrivate })
    await recordTry(deps, { delivery, result, now: clock.now() })
  } catch (err) {
    deps.log.error({ err, deliveryId: id, noticeId }, 'a try to deliver a notice could not be completed')
  }
}
