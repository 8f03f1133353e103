import type { calls } from '@outdial/database/schema/calls'
import { shownTranscript } from '@outdial/policy/transcript'
import type { EventEntry } from '../event-log.ts'

export type Call = typeof calls.$inferSelect

/** Whose call it is: a campaign's contact, or somebody's who asked for a single call. */
export function subjectOf(call: Call): Pick<EventEntry, 'workspaceId' | 'campaignId' | 'contactId' | 'callId'> {
  const { workspaceId, contactId, id: callId } = call
  return { workspaceId, campaignId: call.origin === 'campaign' ? call.campaignId : null, contactId, callId }
}

/** A call as notices tell it, in the spelling that receivers of such notices know. */
export function callData(call: Call): Record<string, unknown> {
  const minutes = call.answeredAt && call.endedAt ? (call.endedAt.getTime() - call.answeredAt.getTime()) / 60_000 : 0
  // `phoneNumber` is the other end, `fromNumber` is ours, whoever called whom.
  const isInbound = call.origin === 'inbound'
  return {
    call_id: call.id,
    campaign_id: call.campaignId,
    room_name: call.roomName,
    assistant_id: call.assistantId,
    direction: isInbound ? 'inbound' : 'outbound',
    to_number: isInbound ? call.fromNumber : call.phoneNumber,
    from_number: isInbound ? call.phoneNumber : call.fromNumber,
    status: call.status,
    disposition: call.disposition,
    outcome: call.outcome,
    transcripts: (shownTranscript(call) ?? []).map(({ speaker, text, at }) => ({ speaker, text, timestamp: at })),
    started_at: call.permittedAt?.toISOString() ?? null,
    answered_at: call.answeredAt?.toISOString() ?? null,
    ended_at: call.endedAt?.toISOString() ?? null,
    call_duration_minutes: Math.round(minutes * 100) / 100,
    metadata: call.metadata,
  }
}
