import { inWorkspace, type Tx } from '@outdial/database/client'
import { calls, signals } from '@outdial/database/schema/calls'
import { outcomes } from '@outdial/policy/states'
import { eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { logEach } from '../event-log.ts'
import { moment } from '../fields.ts'
import { Conflict, NotFound } from '../refusals.ts'
import { wakeLane } from '../wake-lane.ts'
import { moveCall } from './apply-signals.ts'
import { subjectOf } from './call-data.ts'

type CallRow = typeof calls.$inferSelect

export const setOutcomeInput = z
  .strictObject({
    outcome: z.enum(outcomes),
    callbackAt: moment.optional().meta({ description: 'With `callback`: when to call again.' }),
    summary: z.string().trim().min(1).max(10_000).optional(),
  })
  .refine(({ outcome, callbackAt }) => !callbackAt || outcome === 'callback', {
    path: ['callbackAt'],
    error: 'goes with the outcome callback only',
  })

/**
 * Says what a conversation came to, as a signal like any other, so that the same follows as if the agent had said it:
 * `do_not_call` suppresses the number at once, and a `callback` of a campaign that is running or paused is called then.
 * @throws NotFound; Conflict for a call that was not dialed yet, or whose callee asked not to be called
 */
export async function setOutcome(
  deps: Pick<Deps, 'db' | 'queue' | 'clockSpeed'>,
  who: Who,
  { callId, ...told }: z.infer<typeof setOutcomeInput> & { callId: string },
): Promise<void> {
  const trunkId = await inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const [call] = await tx.select().from(calls).where(eq(calls.id, callId)).for('update')
    if (!call) throw new NotFound('call', callId)
    refuse(call, told.outcome)
    const signalId = await storeSignal(tx, who, { call, told })
    const news = await moveCall(tx, { callId, signalId, now: who.now, clockSpeed: deps.clockSpeed })
    const isReopened =
      call.settledAt !== null &&
      told.callbackAt &&
      (await reopenContact(tx, { call, callbackAt: told.callbackAt, now: who.now }))
    if (isReopened) await wakeLane(tx, call)
    const details = { outcome: told.outcome, before: call.outcome }
    await writeAudit(tx, who, { action: 'call.outcome_set', entity: 'call', entityId: callId, details })
    return news?.isWoken || isReopened ? call.trunkId : null
  })
  if (trunkId) await deps.queue.tick(trunkId)
}

function refuse(call: CallRow, outcome: z.infer<typeof setOutcomeInput>['outcome']): void {
  if (call.status === 'pending') {
    throw new Conflict('not_dialed', 'The call has not been dialed yet: there is no conversation to speak of.')
  }
  if (call.outcome === 'do_not_call' && outcome !== 'do_not_call') {
    const message =
      'The person asked not to be called, and that stays. If it is a mistake, delete the suppression of the number.'
    throw new Conflict('outcome_is_final', message)
  }
}

async function storeSignal(
  tx: Tx,
  who: Who,
  { call, told }: { call: CallRow; told: z.infer<typeof setOutcomeInput> },
): Promise<string> {
  const [signal] = await tx
    .insert(signals)
    .values({
      source: 'person',
      eventId: crypto.randomUUID(),
      event: 'outcome_set',
      workspaceId: call.workspaceId,
      callId: call.id,
      roomName: call.roomName,
      content: [{ kind: 'agent_report', at: who.now, ...told }],
      receivedAt: who.now,
    })
    .returning({ id: signals.id })
  if (!signal) throw new Error('the outcome was not stored')
  return signal.id
}

/**
 * What follows from a settled call is decided; a callback that is arranged afterwards takes its contact up again, unless
 * it was called since, has had its attempts, or asked not to be called. Returns whether it did.
 */
async function reopenContact(
  tx: Tx,
  { call, callbackAt, now }: { call: CallRow; callbackAt: Date; now: Date },
): Promise<boolean> {
  if (!call.campaignId || !call.contactId) return false
  const [running] = await tx.execute<{ max_attempts: number }>(sql`
    select c.max_attempts_per_contact as max_attempts from campaign_runtime r join campaigns c on c.id = r.campaign_id
    where r.campaign_id = ${call.campaignId} and c.execution_status in ('running', 'paused', 'error') for update of r`)
  if (!running) return false
  const again = { dueAt: callbackAt, disposition: call.disposition, outcome: 'callback', burned: call.burned }
  const entry = { kind: 'retried', at: now, ...subjectOf(call), details: { ...again, wasFinished: true } } as const
  const reopened = await tx.execute(sql`
    with reopened as (
      update campaign_contacts m
      set state = 'waiting', finish_reason = null, due_at = ${callbackAt.toISOString()}::timestamptz
      where m.campaign_id = ${call.campaignId} and m.contact_id = ${call.contactId} and m.state = 'finished'
        and m.finish_reason <> 'suppressed' and m.attempts < ${running.max_attempts}
        and not exists (select from calls k
          where k.campaign_id = m.campaign_id and k.contact_id = m.contact_id and k.id > ${call.id})
      returning contact_id),
    logged as (${logEach(sql`reopened`, entry)})
    select contact_id from reopened`)
  if (reopened.length === 0) return false
  await tx.execute(sql`
    update campaign_runtime
    set contacts_finished = contacts_finished - 1, contacts_waiting = contacts_waiting + 1
    where campaign_id = ${call.campaignId}`)
  return true
}
