import { inWorkspace, type Tx } from '@outdial/database/client'
import { notices } from '@outdial/database/schema/calls'
import { type DeliveryTry, noticeDeliveries, noticeEndpoints } from '@outdial/database/schema/notices'
import { and, asc, desc, eq, exists, gte, inArray, lt, ne, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { moment, uuid } from '../fields.ts'
import { type Page, pageInput, toPage } from '../page.ts'
import { Conflict, NotFound } from '../refusals.ts'
import { findEndpoint } from './endpoints.ts'
import { composePayloads, type NoticePayload, type NoticeRow } from './notice-payload.ts'
import { rollUp } from './record-try.ts'
import { noticeEvents } from './write-notices.ts'

export const noticeStatuses = ['sending', 'delivered', 'failed'] as const
export const deliveryStatuses = ['pending', 'delivered', 'failed'] as const
export const loggedEvents = [...noticeEvents, 'notice.test'] as const

export const noticeFilters = z.object({
  event: z.enum(loggedEvents).optional(),
  status: z.enum(noticeStatuses).optional(),
  callId: uuid.optional(),
  campaignId: uuid.optional(),
  endpointId: uuid.optional(),
})
export const listNoticesInput = pageInput.extend(noticeFilters.shape)

export const redeliverNoticeInput = z.strictObject({
  endpointId: uuid.optional().meta({ description: 'To this endpoint only, also if it was added later.' }),
})
export const redeliverFailedInput = z.strictObject({
  since: moment.optional().meta({ description: 'Only notices written at or after this moment.' }),
})

type DeliveryRow = typeof noticeDeliveries.$inferSelect

export type Delivery = Pick<
  DeliveryRow,
  'id' | 'endpointId' | 'status' | 'tries' | 'lastStatus' | 'lastError' | 'deliveredAt'
> & {
  url: string
  /** Null when nothing more will be tried. */
  nextTryAt: Date | null
}

export type Notice = Pick<NoticeRow, 'id' | 'callId' | 'campaignId' | 'createdAt'> & {
  event: (typeof loggedEvents)[number]
  status: (typeof noticeStatuses)[number]
  deliveries: Delivery[]
}

export type NoticeInFull = Omit<Notice, 'deliveries'> & {
  deliveries: (Delivery & { log: DeliveryTry[] })[]
  /** The body as it would be sent now. */
  payload: NoticePayload
}

/** What the workspace's endpoints were told or are to be told, newest first. */
export async function listNotices(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { limit, cursor, ...filters }: z.infer<typeof listNoticesInput>,
): Promise<Page<Notice>> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const rows = await tx
      .select()
      .from(notices)
      .where(and(matching(tx, who, filters), cursor ? lt(notices.id, cursor) : undefined))
      .orderBy(desc(notices.id))
      .limit(limit + 1)
    const page = toPage(rows, limit)
    const sent = await readDeliveries(tx, page.data)
    const data = page.data.map((row) => {
      const deliveries = sent.filter(({ noticeId }) => noticeId === row.id).map(({ delivery }) => delivery)
      return { ...toNotice(row), deliveries }
    })
    return { ...page, data }
  })
}

/** One notice with its body and every try. Throws NotFound. */
export async function readNotice(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { noticeId }: { noticeId: string },
): Promise<NoticeInFull> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => readInFull(tx, await findNotice(tx, noticeId)))
}

/** Sends it again under the same id: whoever has it already can tell. Throws NotFound, Conflict for an endpoint that is off. */
export async function redeliverNotice(
  deps: Pick<Deps, 'db' | 'queue'>,
  who: Who,
  { noticeId, endpointId }: { noticeId: string } & z.infer<typeof redeliverNoticeInput>,
): Promise<NoticeInFull> {
  const told = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const notice = await findNotice(tx, noticeId)
    if (endpointId !== undefined) await addDelivery(tx, who, { notice, endpointId })
    const again = and(
      eq(noticeDeliveries.noticeId, noticeId),
      endpointId === undefined ? undefined : eq(noticeDeliveries.endpointId, endpointId),
    )
    const count = await sendAgain(tx, who, and(again, goesSomewhere(tx)))
    if (count === 0) throw endpointOff()
    const details = { endpointId: endpointId ?? null }
    await writeAudit(tx, who, { action: 'notice.redelivered', entity: 'notice', entityId: noticeId, details })
    return readInFull(tx, await findNotice(tx, noticeId))
  })
  await deps.queue.notify()
  return told
}

/** Puts everything on its way again that this endpoint did not get. Throws NotFound, Conflict when it is off. */
export async function redeliverFailed(
  deps: Pick<Deps, 'db' | 'queue'>,
  who: Who,
  { endpointId, since }: { endpointId: string } & z.infer<typeof redeliverFailedInput>,
): Promise<{ redelivered: number }> {
  const redelivered = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const endpoint = await findEndpoint(tx, endpointId)
    if (endpoint.switchedOffAt) throw endpointOff()
    const { noticeId, status } = noticeDeliveries
    const written =
      since &&
      tx
        .select()
        .from(notices)
        .where(and(eq(notices.id, noticeId), gte(notices.createdAt, since)))
    const own = and(eq(noticeDeliveries.endpointId, endpointId), eq(status, 'failed'))
    const count = await sendAgain(tx, who, and(own, written ? exists(written) : undefined))
    const details = { redelivered: count }
    const entity = 'notice_endpoint'
    await writeAudit(tx, who, { action: 'notice_endpoint.redelivered', entity, entityId: endpointId, details })
    return count
  })
  await deps.queue.notify()
  return { redelivered }
}

/** Sends an endpoint something harmless. Throws NotFound, Conflict when it is off. */
export async function testEndpoint(
  deps: Pick<Deps, 'db' | 'queue'>,
  who: Who,
  { endpointId }: { endpointId: string },
): Promise<NoticeInFull> {
  const told = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const endpoint = await findEndpoint(tx, endpointId)
    if (endpoint.switchedOffAt) throw endpointOff()
    const { workspaceId, now } = who
    const data = { endpoint_id: endpointId }
    const [notice] = await tx
      .insert(notices)
      .values({ id: who.newId, workspaceId, event: 'notice.test', data, status: 'sending', dueAt: now })
      .onConflictDoNothing({ target: notices.id })
      .returning()
    if (notice) await addDelivery(tx, who, { notice, endpointId })
    return readInFull(tx, notice ?? (await findNotice(tx, who.newId ?? '')))
  })
  await deps.queue.notify()
  return told
}

function matching(tx: Tx, who: Who, filters: z.infer<typeof noticeFilters>): SQL | undefined {
  const { event, status, callId, campaignId, endpointId } = filters
  const { noticeId } = noticeDeliveries
  const toEndpoint =
    endpointId &&
    tx
      .select()
      .from(noticeDeliveries)
      .where(and(eq(noticeId, notices.id), eq(noticeDeliveries.endpointId, endpointId)))
  return and(
    eq(notices.workspaceId, who.workspaceId),
    ne(notices.status, sql`'waiting'`),
    event && eq(notices.event, event),
    status && eq(notices.status, status),
    callId ? eq(notices.callId, callId) : undefined,
    campaignId ? eq(notices.campaignId, campaignId) : undefined,
    toEndpoint ? exists(toEndpoint) : undefined,
  )
}

/** One that waits for its recording was told to nobody yet, so there is none. */
async function findNotice(tx: Tx, noticeId: string): Promise<NoticeRow> {
  const [row] = await tx
    .select()
    .from(notices)
    .where(and(eq(notices.id, noticeId), ne(notices.status, 'waiting')))
  if (!row) throw new NotFound('notice', noticeId)
  return row
}

async function addDelivery(
  tx: Tx,
  who: Who,
  { notice, endpointId }: { notice: NoticeRow; endpointId: string },
): Promise<void> {
  const endpoint = await findEndpoint(tx, endpointId)
  if (endpoint.switchedOffAt) throw endpointOff()
  const { workspaceId, id: noticeId } = notice
  await tx
    .insert(noticeDeliveries)
    .values({ workspaceId, noticeId, endpointId, nextTryAt: who.now })
    .onConflictDoNothing()
}

/** Not to endpoints that are off or gone. */
function goesSomewhere(tx: Tx): SQL {
  const { id, switchedOffAt, archivedAt } = noticeEndpoints
  const on = and(eq(id, noticeDeliveries.endpointId), sql`${switchedOffAt} is null and ${archivedAt} is null`)
  return exists(tx.select().from(noticeEndpoints).where(on))
}

async function sendAgain(tx: Tx, who: Who, which: SQL | undefined): Promise<number> {
  const again = await tx
    .update(noticeDeliveries)
    .set({ status: 'pending', deliveredAt: null, failures: 0, nextTryAt: who.now })
    .where(and(eq(noticeDeliveries.workspaceId, who.workspaceId), which))
    .returning({ noticeId: noticeDeliveries.noticeId })
  await rollUp(
    tx,
    again.map(({ noticeId }) => noticeId),
  )
  return again.length
}

function endpointOff(): Conflict {
  const message = 'The endpoint is switched off or removed. Switch it on first: set active to true.'
  return new Conflict('endpoint_off', message)
}

async function readInFull(tx: Tx, row: NoticeRow): Promise<NoticeInFull> {
  const deliveries = await readDeliveries(tx, [row])
  const [payload] = await composePayloads(tx, [row])
  if (!payload) throw new Error('a notice without a payload')
  return { ...toNotice(row), payload, deliveries: deliveries.map(({ delivery, log }) => ({ ...delivery, log })) }
}

async function readDeliveries(
  tx: Tx,
  told: NoticeRow[],
): Promise<{ noticeId: string; delivery: Delivery; log: DeliveryTry[] }[]> {
  if (told.length === 0) return []
  const ids = told.map(({ id }) => id)
  const rows = await tx
    .select({ row: noticeDeliveries, url: noticeEndpoints.url })
    .from(noticeDeliveries)
    .innerJoin(noticeEndpoints, eq(noticeEndpoints.id, noticeDeliveries.endpointId))
    .where(inArray(noticeDeliveries.noticeId, ids))
    .orderBy(asc(noticeDeliveries.id))
  return rows.map(({ row, url }) => {
    const { id, endpointId, status, tries, lastStatus, lastError, deliveredAt, log } = row
    const nextTryAt = status === 'pending' ? row.nextTryAt : null
    const delivery = { id, endpointId, url, status, tries, nextTryAt, lastStatus, lastError, deliveredAt }
    return { noticeId: row.noticeId, delivery, log }
  })
}

function toNotice({ id, event, status, callId, campaignId, createdAt }: NoticeRow): Omit<Notice, 'deliveries'> {
  return { id, event: event as Notice['event'], status: status as Notice['status'], callId, campaignId, createdAt }
}
