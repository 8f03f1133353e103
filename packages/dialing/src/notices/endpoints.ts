import { inWorkspace, type Tx } from '@outdial/database/client'
import { noticeDeliveries, noticeEndpoints } from '@outdial/database/schema/notices'
import { and, count, desc, eq, gt, isNull, lt } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { Conflict, NotFound } from '../refusals.ts'
import { rollUp } from './record-try.ts'
import { refusePrivateUrl } from './refuse-private-url.ts'
import { newNoticeSecret, noticeSecret } from './sign-notice.ts'
import { noticeEvents } from './write-notices.ts'

const endpointsMax = 50
/** Real time for which the secret before still signs as well. */
const changeOverMs = 24 * 3_600_000

const fields = {
  url: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .max(2_000)
    .refine((text) => !hasCredentials(text), 'must not have a user or password in it: check the signature instead')
    .meta({ description: 'Gets a signed POST for each notice. Public, unless NOTICES_ALLOW_PRIVATE is true.' }),
  events: z
    .array(z.enum(noticeEvents))
    .min(1, 'must name at least one event; null stands for all of them')
    .max(50)
    .nullable()
    .meta({ description: 'What it wants to hear of. Null: everything, also what is added one day.' }),
  description: z.string().trim().max(500, 'must have at most 500 characters'),
  active: z.boolean().meta({
    description: 'Whether it is told anything. True switches an endpoint on again that was switched off for failing.',
  }),
}

export const endpointSettings = z.strictObject({
  ...fields,
  events: fields.events.default(null),
  description: fields.description.default(''),
  active: fields.active.default(true),
})
export const endpointInput = endpointSettings.extend({
  secret: noticeSecret.optional().meta({ description: 'One of your own, to move over. A new one is made without it.' }),
})
export const endpointPatch = z.strictObject(fields).partial()

/** Why it is told nothing: it failed for days, it answered 410, or somebody wanted it. */
export const offReasons = ['failing', 'gone', 'by_request'] as const

type Row = typeof noticeEndpoints.$inferSelect

export type NoticeEndpoint = Pick<
  Row,
  'id' | 'assistantId' | 'url' | 'description' | 'failingSince' | 'switchedOffAt' | 'createdAt' | 'updatedAt'
> & {
  events: (typeof noticeEvents)[number][] | null
  active: boolean
  switchedOffReason: (typeof offReasons)[number] | null
}

type EndpointDeps = Pick<Deps, 'db' | 'allowPrivateNotices'>

/** Makes an endpoint. The secret is in the answer and never again. Throws InvalidInput, Conflict for one too many. */
export async function createEndpoint(
  deps: EndpointDeps,
  who: Who,
  { active, secret = newNoticeSecret(), ...input }: z.infer<typeof endpointInput>,
): Promise<NoticeEndpoint & { secret: string }> {
  refusePrivateUrl(deps, { field: 'url', url: input.url })
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    await checkRoom(tx, who)
    const off = active ? {} : { switchedOffAt: who.now, switchedOffReason: 'by_request' }
    const at = { createdAt: who.now, updatedAt: who.now }
    const [row] = await tx
      .insert(noticeEndpoints)
      .values({ ...input, ...off, ...at, id: who.newId, workspaceId: who.workspaceId, secret })
      // A repeat after a crash: nobody has seen the secret of the first try, so it may be replaced.
      .onConflictDoUpdate({ target: noticeEndpoints.id, set: { secret } })
      .returning()
    if (!row) throw new Error('the new notice endpoint was not stored')
    await audit(tx, who, { action: 'created', endpointId: row.id })
    return { ...toEndpoint(row), secret }
  })
}

export async function listEndpoints(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { limit, cursor }: PageInput,
): Promise<Page<NoticeEndpoint>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(noticeEndpoints)
      .where(
        and(
          eq(noticeEndpoints.workspaceId, who.workspaceId),
          isNull(noticeEndpoints.archivedAt),
          cursor ? lt(noticeEndpoints.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(noticeEndpoints.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toEndpoint), limit)
}

export async function readEndpoint(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { endpointId }: { endpointId: string },
): Promise<NoticeEndpoint> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => toEndpoint(await findEndpoint(tx, endpointId)))
}

/**
 * Whole settings replace it, a part changes it. What is on its way goes to the new address. Throws Conflict for the
 * address and events of an assistant's end-call URL, which follow the assistant.
 */
export async function changeEndpoint(
  deps: EndpointDeps & Pick<Deps, 'queue'>,
  who: Who,
  { endpointId, changes }: { endpointId: string; changes: z.infer<typeof endpointPatch> },
): Promise<NoticeEndpoint> {
  const { active, ...settings } = changes
  const changed = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const before = await findEndpoint(tx, endpointId)
    if (before.assistantId !== null && (settings.url ?? settings.events) !== undefined) throw followsAssistant(before)
    refusePrivateUrl(deps, { field: 'url', url: settings.url })
    const [row] = await tx
      .update(noticeEndpoints)
      .set({ ...settings, ...switchTo(before, { active, now: who.now }), updatedAt: who.now })
      .where(and(eq(noticeEndpoints.id, endpointId), isNull(noticeEndpoints.archivedAt)))
      .returning()
    if (!row) throw new NotFound('notice endpoint', endpointId)
    if (active && before.failingSince) await hurryDeliveries(tx, { endpointId, now: who.now })
    await audit(tx, who, { action: 'changed', endpointId, details: { fields: Object.keys(changes) } })
    return toEndpoint(row)
  })
  if (active) await deps.queue.notify()
  return changed
}

/** A new secret, in the answer and never again. For a day the one before signs as well. */
export async function rotateSecret(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { endpointId }: { endpointId: string },
): Promise<NoticeEndpoint & { secret: string }> {
  const secret = newNoticeSecret()
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const before = await findEndpoint(tx, endpointId)
    const previousSecretUntil = new Date(who.now.getTime() + changeOverMs)
    const [row] = await tx
      .update(noticeEndpoints)
      .set({ secret, previousSecret: before.secret, previousSecretUntil, updatedAt: who.now })
      .where(eq(noticeEndpoints.id, endpointId))
      .returning()
    if (!row) throw new NotFound('notice endpoint', endpointId)
    await audit(tx, who, { action: 'secret_rotated', endpointId })
    return { ...toEndpoint(row), secret }
  })
}

/** It is told nothing more, and what is on its way is given up. Throws Conflict for that of an assistant. */
export async function removeEndpoint(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { endpointId }: { endpointId: string },
): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const endpoint = await findEndpoint(tx, endpointId)
    if (endpoint.assistantId !== null) throw followsAssistant(endpoint)
    await archiveEndpoint(tx, { endpointId, now: who.now })
    await audit(tx, who, { action: 'archived', endpointId })
  })
}

export async function archiveEndpoint(tx: Tx, { endpointId, now }: { endpointId: string; now: Date }): Promise<void> {
  await tx.update(noticeEndpoints).set({ archivedAt: now }).where(eq(noticeEndpoints.id, endpointId))
  const givenUp = await tx
    .update(noticeDeliveries)
    .set({ status: 'failed', lastError: 'The endpoint was removed.' })
    .where(and(eq(noticeDeliveries.endpointId, endpointId), eq(noticeDeliveries.status, 'pending')))
    .returning({ noticeId: noticeDeliveries.noticeId })
  await rollUp(
    tx,
    givenUp.map(({ noticeId }) => noticeId),
  )
}

/** Throws NotFound. */
export async function findEndpoint(tx: Tx, endpointId: string): Promise<Row> {
  const [row] = await tx
    .select()
    .from(noticeEndpoints)
    .where(and(eq(noticeEndpoints.id, endpointId), isNull(noticeEndpoints.archivedAt)))
    .for('no key update')
  if (!row) throw new NotFound('notice endpoint', endpointId)
  return row
}

/** Who switches it on again, or gives it another chance, begins anew. */
function switchTo(before: Row, { active, now }: { active: boolean | undefined; now: Date }): Partial<Row> {
  if (active === undefined || (active && before.switchedOffAt === null && before.failures === 0)) return {}
  if (active) {
    return { switchedOffAt: null, switchedOffReason: null, failures: 0, failingSince: null, heldUntil: null }
  }
  return before.switchedOffAt ? {} : { switchedOffAt: now, switchedOffReason: 'by_request' }
}

/** Somebody says that it is back: what waits for a later try goes now. */
async function hurryDeliveries(tx: Tx, { endpointId, now }: { endpointId: string; now: Date }): Promise<void> {
  await tx
    .update(noticeDeliveries)
    .set({ nextTryAt: now })
    .where(
      and(
        eq(noticeDeliveries.endpointId, endpointId),
        eq(noticeDeliveries.status, 'pending'),
        gt(noticeDeliveries.nextTryAt, now),
      ),
    )
}

async function checkRoom(tx: Tx, who: Who): Promise<void> {
  const { workspaceId, archivedAt, assistantId } = noticeEndpoints
  const [held] = await tx
    .select({ count: count() })
    .from(noticeEndpoints)
    .where(and(eq(workspaceId, who.workspaceId), isNull(archivedAt), isNull(assistantId)))
  if (!held || held.count < endpointsMax) return
  throw new Conflict(
    'too_many_endpoints',
    `A workspace has at most ${endpointsMax} notice endpoints. Remove one first.`,
  )
}

function followsAssistant({ assistantId }: Row): Conflict {
  const message =
    'This endpoint is the end-call URL of an assistant. Change assistantEndCallUrl of the assistant instead.'
  return new Conflict('follows_assistant', message, { assistantId })
}

async function audit(
  tx: Tx,
  who: Who,
  entry: { action: string; endpointId: string; details?: Record<string, unknown> },
): Promise<void> {
  const { action, endpointId, details = {} } = entry
  const entity = 'notice_endpoint'
  await writeAudit(tx, who, { action: `notice_endpoint.${action}`, entity, entityId: endpointId, details })
}

function hasCredentials(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { username, password } = new URL(text)
  return username !== '' || password !== ''
}

function toEndpoint(row: Row): NoticeEndpoint {
  const { id, assistantId, url, description, failingSince, switchedOffAt, createdAt, updatedAt } = row
  return {
    ...{ id, assistantId, url, description, failingSince, switchedOffAt, createdAt, updatedAt },
    events: row.events as NoticeEndpoint['events'],
    active: switchedOffAt === null,
    switchedOffReason: row.switchedOffReason as NoticeEndpoint['switchedOffReason'],
  }
}
