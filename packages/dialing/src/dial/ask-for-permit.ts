import { calls } from '@outdial/database/schema/calls'
import { callHeaders } from '@outdial/telephony/sip-headers'
import { and, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { variablesOf } from '../calls/brief-agent.ts'
import { stopForError } from '../campaigns/end-run.ts'
import type { Deps } from '../deps.ts'
import { metadata, moment } from '../fields.ts'
import { sendNotice } from '../notices/send-notice.ts'
import { type PermitAnswer, type PermittedCall, permitCall } from './permit.ts'

type Answered = Exclude<PermitAnswer, { kind: 'ask' }>
type Refused = Extract<PermitAnswer, { kind: 'refused' }>

/** Real time for the answer of a pre-dial address: a call that waits longer is taken for lost. */
const askTimeoutMs = 3_000
const answerBytes = 64 * 1024

/** Real time until a contact is tried again where its address gave no answer, and the least where it named a time. */
const askAgainMs = 60_000

/** So many in a row without an answer mean that there is nothing to go on with. */
const failuresAllowed = 10

/** How the reason of a call begins that was not made for want of an answer. */
const noAnswer = 'The pre-dial address gave no usable answer, so nobody was called.'

const predialAnswer = z.object({
  dial: z.boolean(),
  reason: z.string().max(500).optional(),
  call_again_at: moment.optional(),
  variables: metadata.optional(),
  metadata: metadata.optional(),
})
type PredialAnswer = z.infer<typeof predialAnswer>

/**
 * The permit to dial, after asking the campaign's pre-dial address where it has one. Asked without any lock, before the
 * permit and not after it: what changes meanwhile is seen, and whatever dies meanwhile has dialed nothing.
 */
export async function askForPermit(
  deps: Pick<Deps, 'db' | 'clockSpeed' | 'allowPrivateNotices'>,
  input: { callId: string; now: () => Date },
): Promise<Answered> {
  const { callId, now } = input
  const permit = await permitCall(deps, { callId, now: now() })
  if (permit.kind !== 'ask') return permit
  const answer = await ask(permit, { allowPrivate: deps.allowPrivateNotices ?? false })
  if (typeof answer === 'string') return fail(deps, { dial: permit.dial, why: answer, now: now() })
  if (!answer.dial) return decline(answer, { now: now(), clockSpeed: deps.clockSpeed })
  const given = givenBy(answer)
  if (given) await keep(deps, { callId, given })
  return (await permitCall(deps, { callId, now: now(), wasAsked: true })) as Answered
}

/** The answer, or in a sentence why there is none. */
async function ask(
  { dial, url }: { dial: PermittedCall; url: string },
  { allowPrivate }: { allowPrivate: boolean },
): Promise<PredialAnswer | string> {
  const post = { url, headers: { accept: 'application/json' }, body: JSON.stringify(questionAbout(dial)) }
  const { error, body } = await sendNotice(post, { allowPrivate, timeoutMs: askTimeoutMs, answerBytes })
  if (error !== null) return error
  const parsed = predialAnswer.safeParse(parseJson(body ?? ''))
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return `It has to answer {"dial": true} or {"dial": false} as JSON; ${issue?.path.join('.') || 'the body'}: ${issue?.message}.`
  }
  return whyUnusable(dial, parsed.data) ?? parsed.data
}

function questionAbout({ call, campaign, contact }: PermittedCall): Record<string, unknown> {
  return {
    call_id: call.id,
    campaign_id: call.campaignId,
    campaign_name: campaign?.name ?? null,
    contact_id: call.contactId,
    external_id: contact?.externalId ?? null,
    phone_number: call.phoneNumber,
    from_number: call.fromNumber,
    contact_name: call.contactName,
    attempt: call.attempt,
    variables: variablesOf({ contact, call }),
    metadata: call.metadata,
  }
}

/** A header that LiveKit refuses would be taken for a fault of the campaign, and stop it. */
function whyUnusable({ call, campaign }: PermittedCall, answer: PredialAnswer): string | null {
  try {
    callHeaders({ ...call.metadata, ...answer.metadata }, campaign?.sipHeaders)
    return null
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value: unknown) => {
      if (typeof value === 'string') return keepable(value)
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
      return Object.fromEntries(Object.entries(value).map(([name, held]) => [keepable(name), held]))
    })
  } catch {
    return undefined
  }
}

/** PostgreSQL keeps neither NUL nor half a surrogate pair. */
function keepable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}

function decline(answer: PredialAnswer, at: { now: Date; clockSpeed: number }): Refused {
  const reason = `The pre-dial address said not to call${answer.reason ? `: ${answer.reason}` : '.'}`
  if (!answer.call_again_at) return { kind: 'refused', reason, finish: 'predial' }
  const soonest = at.now.getTime() + askAgainMs * at.clockSpeed
  const until = new Date(Math.max(soonest, answer.call_again_at.getTime()))
  return { kind: 'refused', reason, finish: null, until }
}

function givenBy({ variables, metadata: extra }: PredialAnswer): Record<string, unknown> | null {
  if (!variables && !extra) return null
  return { ...extra, ...(variables && { variables }) }
}

/** With the call, so that its agent, its headers and its notices have it. */
async function keep(
  deps: Pick<Deps, 'db'>,
  { callId, given }: { callId: string; given: Record<string, unknown> },
): Promise<void> {
  await deps.db
    .update(calls)
    .set({ metadata: sql`${calls.metadata} || ${JSON.stringify(given)}::jsonb` })
    .where(and(eq(calls.id, callId), eq(calls.status, 'pending')))
}

/** Nobody is called without a yes. Where that goes on, the campaign stops with the reason. */
async function fail(
  deps: Pick<Deps, 'db' | 'clockSpeed'>,
  { dial, why, now }: { dial: PermittedCall; why: string; now: Date },
): Promise<Refused> {
  const { campaign } = dial
  const reason = `${noAnswer} ${why}`
  if (campaign) {
    await deps.db.transaction(async (tx) => {
      const before = await tx.execute<{ failed: boolean }>(sql`
        select coalesce(end_reason like ${`${noAnswer}%`}, false) as failed from calls
        where campaign_id = ${campaign.id} and ended_at is not null
          and created_at >= ${campaign.updatedAt.toISOString()}::timestamptz
        order by id desc limit ${failuresAllowed - 1}`)
      if (before.length < failuresAllowed - 1 || !before.every(({ failed }) => failed)) return
      const advice = 'Mend it, or take predialUrl out of the campaign, then resume.'
      await stopForError(tx, { campaign, code: 'predial_failing', reason: `${reason} ${advice}`, now })
    })
  }
  return { kind: 'refused', reason, finish: null, until: new Date(now.getTime() + askAgainMs * deps.clockSpeed) }
}
