import { inWorkspace, type Tx } from '@outdial/database/client'
import { suppressions } from '@outdial/database/schema/contacts'
import {
  type Country,
  countrySchema,
  type ParsedNumber,
  parsePhoneNumber,
  parsePossibleNumber,
} from '@outdial/policy/phone-number'
import { and, desc, eq, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { logEach, logEvents } from '../event-log.ts'
import { type Page, type PageInput, toPage } from '../page.ts'
import { InvalidInput, NotFound } from '../refusals.ts'
import { createBreather } from './breathe.ts'
import { cleanText } from './clean-text.ts'

const phoneNumber = z.string().max(1_000, 'must have at most 1,000 characters')
const reason = z.string().trim().max(500, 'must have at most 500 characters').transform(cleanText)

export const suppressionInput = z.strictObject({
  phoneNumber: phoneNumber.meta({ description: 'In E.164 form, or as dialed within the default country.' }),
  reason: reason.default(''),
  defaultCountry: countrySchema.optional(),
})

export const suppressionsInput = z.strictObject({
  phoneNumbers: z.array(phoneNumber).min(1, 'must not be empty').max(10_000, 'must have at most 10,000 entries'),
  reason: reason.default(''),
  defaultCountry: countrySchema.optional(),
})

export type Suppression = Omit<typeof suppressions.$inferSelect, 'workspaceId'>

/**
 * Forbids a number in the whole workspace, from this moment on and also for calls that wait to be dialed. A number that
 * is forbidden already stays as it is. @throws InvalidInput for what is no number
 */
export async function addSuppression(
  deps: Pick<Deps, 'db'>,
  who: Who,
  input: z.infer<typeof suppressionInput>,
): Promise<Suppression> {
  const parsed = readSuppressedNumber(input.phoneNumber, input.defaultCountry)
  if (!parsed.ok) {
    const { code, message } = parsed.reason
    throw new InvalidInput([{ field: 'phoneNumber', code, message }])
  }
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const rows = [{ phoneNumber: parsed.e164, reason: input.reason }]
    const [id] = await insertSuppressions(tx, { who, source: 'api', rows })
    if (id) await writeAudit(tx, who, { action: 'suppression.added', entity: 'suppression', entityId: id })
    const [row] = await tx.select().from(suppressions).where(ownNumber(who, parsed.e164))
    if (!row) throw new Error('the new suppression was not stored')
    return toSuppression(row)
  })
}

export type AddedSuppressions = {
  added: number
  /** Forbidden before, or named twice. */
  known: number
  invalid: { index: number; code: string; reason: string }[]
}

/** The same for many at once; those that are no numbers are reported by their index, the others are taken. */
export async function addSuppressions(
  deps: Pick<Deps, 'db'>,
  who: Who,
  input: z.infer<typeof suppressionsInput>,
): Promise<AddedSuppressions> {
  const rows: NewSuppression[] = []
  const invalid: AddedSuppressions['invalid'] = []
  const breathe = createBreather()
  for (const [index, raw] of input.phoneNumbers.entries()) {
    await breathe()
    const parsed = readSuppressedNumber(raw, input.defaultCountry)
    if (parsed.ok) rows.push({ phoneNumber: parsed.e164, reason: input.reason })
    else invalid.push({ index, code: parsed.reason.code, reason: parsed.reason.message })
  }
  const added = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const ids = await insertSuppressions(tx, { who, source: 'api', rows })
    const details = { added: ids.length }
    await writeAudit(tx, who, { action: 'suppressions.added', entity: 'suppression', entityId: null, details })
    return ids.length
  })
  return { added, known: rows.length - added, invalid }
}

/** Newest first. */
export async function listSuppressions(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { limit, cursor }: PageInput,
): Promise<Page<Suppression>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(suppressions)
      .where(and(eq(suppressions.workspaceId, who.workspaceId), cursor ? lt(suppressions.id, cursor) : undefined))
      .orderBy(desc(suppressions.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toSuppression), limit)
}

/** @throws NotFound */
export async function readSuppression(
  deps: Pick<Deps, 'db'>,
  who: Pick<Who, 'workspaceId'>,
  { suppressionId }: { suppressionId: string },
): Promise<Suppression> {
  const [row] = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx.select().from(suppressions).where(ownSuppression(who, suppressionId)),
  )
  if (!row) throw new NotFound('suppression', suppressionId)
  return toSuppression(row)
}

/** Allows the number again. The audit log keeps who did so. @throws NotFound */
export async function removeSuppression(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { suppressionId }: { suppressionId: string },
): Promise<void> {
  await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [removed] = await tx.delete(suppressions).where(ownSuppression(who, suppressionId)).returning()
    if (!removed) throw new NotFound('suppression', suppressionId)
    const { phoneNumber, reason, source } = removed
    await writeAudit(tx, who, {
      action: 'suppression.removed',
      entity: 'suppression',
      entityId: suppressionId,
      details: { phoneNumber, reason, source },
    })
    const { workspaceId, now: at } = who
    await logEvents(tx, [{ kind: 'number_unsuppressed', at, workspaceId, details: { phoneNumber } }])
  })
}

/** Whether a number, in E.164 form, must not be called. In a transaction, since only there the `api` role sees anything. */
export async function isSuppressed(
  tx: Tx,
  { workspaceId, phoneNumber }: { workspaceId: string; phoneNumber: string },
): Promise<boolean> {
  const [row] = await tx
    .select({ id: suppressions.id })
    .from(suppressions)
    .where(ownNumber({ workspaceId }, phoneNumber))
  return row !== undefined
}

export type NewSuppression = { phoneNumber: string; reason: string }

/** Forbids numbers in E.164 form. Returns the ids of those that were not forbidden yet. At most some thousand at once. */
export async function insertSuppressions(
  tx: Tx,
  { who, source, rows }: { who: Who; source: 'api' | 'import'; rows: NewSuppression[] },
): Promise<string[]> {
  // In one order, so that two who forbid the same numbers at once do not wait for each other forever.
  const details = sql`jsonb_build_object('phoneNumber', phone_number, 'source', ${source}::text)`
  const entry = { kind: 'number_suppressed', at: who.now, workspaceId: who.workspaceId, details } as const
  const added = await tx.execute<{ id: string }>(sql`
    with added as (
      insert into suppressions (workspace_id, phone_number, reason, source, created_at)
      select ${who.workspaceId}::uuid, "phoneNumber", reason, ${source}, ${who.now.toISOString()}::timestamptz
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as r("phoneNumber" text, reason text)
      order by "phoneNumber"
      on conflict do nothing
      returning id, phone_number),
    logged as (${logEach(sql`added`, entry)})
    select id from added`)
  return added.map((row) => row.id)
}

/** Any number that a single call would dial can be forbidden, also one that is possible but not in use. */
export function readSuppressedNumber(raw: string, defaultCountry: Country | undefined): ParsedNumber {
  const possible = parsePossibleNumber(raw)
  return possible.ok ? possible : parsePhoneNumber(raw, defaultCountry)
}

function ownNumber({ workspaceId }: Pick<Who, 'workspaceId'>, number: string) {
  return and(eq(suppressions.workspaceId, workspaceId), eq(suppressions.phoneNumber, number))
}

function ownSuppression({ workspaceId }: Pick<Who, 'workspaceId'>, suppressionId: string) {
  return and(eq(suppressions.id, suppressionId), eq(suppressions.workspaceId, workspaceId))
}

function toSuppression({ workspaceId: _, ...suppression }: typeof suppressions.$inferSelect): Suppression {
  return suppression
}
