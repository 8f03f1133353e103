import type { Tx } from '@outdial/database/client'
import { localDay } from '@outdial/policy/calling-window'
import { chooseFromNumber } from '@outdial/policy/from-number'
import { sql } from 'drizzle-orm'
import { isoText, logEach } from '../event-log.ts'
import type { Candidate } from './candidates.ts'
import type { LaneRow } from './lane.ts'
import type { RunningCampaign } from './look-at-campaign.ts'

export type CallStart = { callId: string; startsAt: Date }

/**
 * Takes the candidates and inserts their calls as `pending`, in one statement: no call without its claim and no claim
 * without its call. The caller keeps the counters.
 */
export async function insertCalls(
  tx: Tx,
  input: {
    lane: LaneRow
    campaign: RunningCampaign
    candidates: Candidate[]
    starts: { atMs: number }[]
    now: Date
  },
): Promise<CallStart[]> {
  const { campaign, lane } = input
  if (input.candidates.length === 0) return []
  const numbers = campaign.fromNumbers.length ? campaign.fromNumbers : lane.numbers
  const wanted = input.candidates.map((candidate, i) => {
    const startsAt = new Date(input.starts[i]?.atMs ?? input.now.getTime())
    return {
      contact_id: candidate.contactId,
      phone_number: candidate.phoneNumber,
      contact_name: candidate.name,
      from_number: chooseFromNumber({ numbers, to: candidate.phoneNumber, rotation: rotationOf(candidate) }) ?? null,
      attempt: candidate.attempts + 1,
      zone_key: candidate.zoneKey,
      starts_at: startsAt,
      dial_day: localDay(campaign.timezone, startsAt),
    }
  })
  const rows = await tx.execute<{ id: string; starts_at: string }>(sql`
    with wanted as (
      select uuidv7() as call_id, w.* from jsonb_to_recordset(${JSON.stringify(wanted)}::jsonb) as w(
        contact_id uuid, phone_number text, contact_name text, from_number text, attempt smallint, zone_key text,
        starts_at timestamptz, dial_day date)),
    taken as (
      update campaign_contacts cc set state = 'claimed', call_id = w.call_id from wanted w
      where cc.campaign_id = ${campaign.id} and cc.contact_id = w.contact_id and cc.state = 'waiting'
      returning w.*),
    logged as (${logEach(sql`taken`, {
      ...{ kind: 'claimed', at: input.now, workspaceId: campaign.workspaceId, campaignId: campaign.id },
      ...{ contactId: sql`contact_id`, callId: sql`call_id`, trunkId: lane.trunk_id },
      details: sql`jsonb_build_object('startsAt', ${isoText(sql`starts_at`)}, 'dialDay', dial_day, 'attempt', attempt, 'zoneKey', zone_key)`,
    })})
    insert into calls (id, workspace_id, origin, campaign_id, contact_id, assistant_id, trunk_id, phone_number,
      from_number, contact_name, metadata, room_name, attempt, starts_at, dial_day, created_at)
    select call_id, ${campaign.workspaceId}, 'campaign', ${campaign.id}, contact_id, ${campaign.assistantId},
      ${lane.trunk_id}, phone_number, from_number, contact_name, ${JSON.stringify(campaign.metadata)}::jsonb,
      'call-' || call_id, attempt, starts_at, dial_day, ${input.now.toISOString()}::timestamptz
    from taken returning id, starts_at`)
  if (rows.length !== wanted.length) {
    throw new Error(
      `Claimed ${rows.length} of ${wanted.length} contacts: somebody moved contacts without the runtime row.`,
    )
  }
  return rows.map((row) => ({ callId: row.id, startsAt: new Date(row.starts_at) }))
}

/** By chance per contact, as most claims take one only, and the next number whenever it is called again. */
function rotationOf({ contactId, attempts }: Candidate): number {
  return Number.parseInt(contactId.slice(-6), 16) + attempts
}
