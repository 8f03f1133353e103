import type { Db, Tx } from '@outdial/database/client'
import { assistants } from '@outdial/database/schema/assistants'
import { calls, type notices } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { recordings } from '@outdial/database/schema/recordings'
import { and, asc, eq, inArray } from 'drizzle-orm'
import { type Call, callData } from '../calls/call-data.ts'

export type NoticeRow = typeof notices.$inferSelect

/** What a receiver reads: the shape that dialers' end-call hooks have, and what Standard Webhooks recommends around it. */
export type NoticePayload = {
  success: true
  message: string
  type: string
  /** When it happened, in ISO 8601. */
  timestamp: string
  data: Record<string, unknown>
}

/**
 * Composes what is sent, in the order of `told`. The end of a call is read from the call as it is now: a recording that
 * came late is in the next try, and a transcript that was deleted in none.
 */
export async function composePayloads(
  db: Db | Tx,
  told: Pick<NoticeRow, 'event' | 'callId' | 'campaignId' | 'data' | 'createdAt'>[],
): Promise<NoticePayload[]> {
  const callIds = told.flatMap(({ callId }) => callId ?? [])
  const endedIds = told.flatMap(({ event, callId }) => (event === 'call.ended' && callId ? callId : []))
  const campaignIds = told.flatMap(({ callId, campaignId }) => (callId ? [] : (campaignId ?? [])))
  const about = await readCalls(db, callIds)
  const paths = await readRecordingPaths(db, endedIds)
  const names = await readCampaignNames(db, campaignIds)
  return told.map(({ event, callId, campaignId, data, createdAt }) => {
    const found = callId ? about.get(callId) : undefined
    const ended = found && event === 'call.ended' ? endOf(found.call, paths.get(found.call.id) ?? null) : {}
    const assistant = found ? { assistant_name: found.assistantName } : {}
    const campaign = !callId && campaignId ? { campaign_name: names.get(campaignId) ?? null } : {}
    return {
      success: true,
      message: messages[event] ?? event,
      type: event,
      timestamp: createdAt.toISOString(),
      data: { ...data, ...campaign, ...ended, ...assistant },
    }
  })
}

function endOf(call: Call, recordingPath: string | null): Record<string, unknown> {
  const { summary, answers, callbackAt, endReason, contactName } = call
  return {
    ...callData(call),
    recording_path: recordingPath,
    contact_name: contactName,
    end_reason: endReason,
    summary,
    answers,
    callback_at: callbackAt?.toISOString() ?? null,
  }
}

async function readCalls(
  db: Db | Tx,
  ids: string[],
): Promise<Map<string, { call: Call; assistantName: string | null }>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ call: calls, assistantName: assistants.name })
    .from(calls)
    .leftJoin(assistants, eq(assistants.id, calls.assistantId))
    .where(inArray(calls.id, ids))
  return new Map(rows.map((row) => [row.call.id, row]))
}

/** Of several recordings the first that is complete. */
async function readRecordingPaths(db: Db | Tx, callIds: string[]): Promise<Map<string, string>> {
  if (callIds.length === 0) return new Map()
  const rows = await db
    .select()
    .from(recordings)
    .where(and(inArray(recordings.callId, callIds), eq(recordings.status, 'complete')))
    .orderBy(asc(recordings.id))
  const paths = rows.flatMap(({ callId, fileKey, location }) => {
    const path = fileKey ?? location
    return path ? [[callId, path] as const] : []
  })
  return new Map(paths.toReversed())
}

async function readCampaignNames(db: Db | Tx, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map()
  const rows = await db
    .select({ id: campaigns.id, name: campaigns.name })
    .from(campaigns)
    .where(inArray(campaigns.id, ids))
  return new Map(rows.map(({ id, name }) => [id, name]))
}

const messages: Record<string, string> = {
  'call.started': 'The call is being dialed.',
  'call.answered': 'The call was answered.',
  'call.outcome': 'The call has an outcome.',
  'call.ended': 'The call has ended.',
  'campaign.started': 'The campaign is running.',
  'campaign.paused': 'The campaign is paused.',
  'campaign.completed': 'The campaign is completed.',
  'campaign.error': 'The campaign has stopped because of an error.',
  'endpoint.switched_off': 'A notice endpoint was switched off.',
  'notice.test': 'This is a test.',
}
