import { inWorkspace, type Tx } from '@outdial/database/client'
import { campaignRuntime, campaigns } from '@outdial/database/schema/campaigns'
import { type CampaignAction, moveCampaign } from '@outdial/policy/campaign-lifecycle'
import type { CampaignStatus } from '@outdial/policy/states'
import { eq, sql } from 'drizzle-orm'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { type EventEntry, logEvents } from '../event-log.ts'
import { writeNotices } from '../notices/write-notices.ts'
import { Conflict } from '../refusals.ts'
import { wakeLane } from '../wake-lane.ts'
import { ensureLane } from './ensure-lane.ts'
import { lockCampaign } from './lock-campaign.ts'
import { settingsEntry } from './log-campaign.ts'
import { resolveTrunk } from './resolve-trunk.ts'

export type LifecycleResult = { id: string; executionStatus: CampaignStatus; changed: boolean }
type Input = { campaignId: string }
type CampaignRow = typeof campaigns.$inferSelect

/**
 * Starts an idle campaign: its list is taken over and dialing begins as soon as its windows allow. A campaign that was
 * stopped goes on with the contacts it has not finished. Repeating it changes nothing.
 * @throws NotFound, Conflict (with the allowed actions), InvalidInput where no trunk can be found
 */
export async function startCampaign(
  deps: Pick<Deps, 'db' | 'queue'>,
  who: Who,
  input: Input,
): Promise<LifecycleResult> {
  const result = await move(deps, who, { ...input, action: 'start' }, async (tx, campaign) => {
    const trunkId = await resolveTrunk(tx, campaign)
    await ensureLane(tx, { trunkId, workspaceId: who.workspaceId })
    const fresh = {
      trunkId,
      fillCursor: null,
      filledAt: null,
      agentFailures: 0,
      trunkFailures: 0,
      blockedReason: null,
      blockedUntil: null,
    }
    await tx
      .insert(campaignRuntime)
      .values({ campaignId: campaign.id, workspaceId: who.workspaceId, ...fresh })
      .onConflictDoUpdate({ target: campaignRuntime.campaignId, set: fresh })
    const set = { executionStatus: 'running', startedAt: who.now, stoppedAt: null, pausedAt: null } as const
    return { set, entry: settingsEntry('campaign_started', { campaign, trunkId, at: who.now }) }
  })
  await deps.queue.fill(input.campaignId)
  return result
}

/** Stops new dials at once, queued ones included; live calls finish. */
export function pauseCampaign(deps: Pick<Deps, 'db'>, who: Who, input: Input): Promise<LifecycleResult> {
  return move(deps, who, { ...input, action: 'pause' }, async (_, campaign) => ({
    set: { executionStatus: 'paused', pausedAt: who.now },
    entry: plainEntry('campaign_paused', who, campaign),
  }))
}

/** Goes on after a pause, or after an error whose cause is mended. */
export async function resumeCampaign(
  deps: Pick<Deps, 'db' | 'queue'>,
  who: Who,
  input: Input,
): Promise<LifecycleResult> {
  let laneToTick: string | undefined
  const result = await move(deps, who, { ...input, action: 'resume' }, async (tx, campaign) => {
    const trunkId = await resolveTrunk(tx, campaign)
    laneToTick = trunkId
    await ensureLane(tx, { trunkId, workspaceId: who.workspaceId })
    await tx
      .update(campaignRuntime)
      .set({ trunkId, agentFailures: 0, trunkFailures: 0, blockedReason: null, blockedUntil: null })
      .where(eq(campaignRuntime.campaignId, campaign.id))
    await wakeLane(tx, { workspaceId: who.workspaceId, trunkId })
    const set = { executionStatus: 'running', pausedAt: null, errorCode: null, errorReason: null } as const
    return { set, entry: settingsEntry('campaign_resumed', { campaign, trunkId, at: who.now }) }
  })
  await deps.queue.fill(input.campaignId)
  if (laneToTick) await deps.queue.tick(laneToTick)
  return result
}

/**
 * Ends the run: nothing that was not dialed yet will be, unless somebody starts the campaign again. Live calls finish,
 * or are hung up where asked.
 */
export async function stopCampaign(
  deps: Pick<Deps, 'db' | 'livekit' | 'log'>,
  who: Who,
  input: Input & { hangUpLiveCalls?: boolean },
): Promise<LifecycleResult> {
  const result = await move(deps, who, { ...input, action: 'stop' }, async (_, campaign) => ({
    set: { executionStatus: 'idle', stoppedAt: who.now, pausedAt: null, errorCode: null, errorReason: null },
    entry: plainEntry('campaign_stopped', who, campaign),
  }))
  if (input.hangUpLiveCalls) await hangUpAll(deps, who, input.campaignId)
  return result
}

type Change = { set: Partial<CampaignRow> & { executionStatus: CampaignStatus }; entry: EventEntry }

/** Loads, asks policy, changes, and writes logs and notice, in one transaction. Locks as all do: list, then the campaign. */
async function move(
  deps: Pick<Deps, 'db'>,
  who: Who,
  input: Input & { action: CampaignAction },
  change: (tx: Tx, campaign: CampaignRow) => Promise<Change>,
): Promise<LifecycleResult> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    if (input.action === 'start') await waitForAppends(tx, input.campaignId)
    const { row: campaign } = await lockCampaign(tx, input.campaignId)
    const verdict = moveCampaign(campaign.executionStatus, input.action)
    if (!verdict.ok) throw wrongTransition(campaign, { action: input.action, allowed: verdict.allowed })
    if (!verdict.changed) return { id: campaign.id, executionStatus: campaign.executionStatus, changed: false }
    const { set, entry } = await change(tx, campaign)
    await tx
      .update(campaigns)
      .set({ ...set, updatedAt: who.now })
      .where(eq(campaigns.id, campaign.id))
    const entity = { entity: 'campaign', entityId: campaign.id }
    await writeAudit(tx, who, {
      action: `campaign.${input.action}`,
      ...entity,
      details: { from: campaign.executionStatus },
    })
    await logEvents(tx, [entry])
    await tellCustomer(tx, who, { campaign, status: set.executionStatus })
    return { id: campaign.id, executionStatus: set.executionStatus, changed: true }
  })
}

function plainEntry(
  kind: 'campaign_paused' | 'campaign_stopped',
  who: Who,
  { id: campaignId, workspaceId }: CampaignRow,
): EventEntry {
  return { kind, at: who.now, workspaceId, campaignId }
}

/** Appends under way hold the list: what they add is visible to the fill, and later ones see the campaign as started. */
async function waitForAppends(tx: Tx, campaignId: string): Promise<void> {
  await tx.execute(sql`
    select 1 from contact_lists where id = (select contact_list_id from campaigns where id = ${campaignId}) for update`)
}

async function tellCustomer(
  tx: Tx,
  who: Who,
  change: { campaign: CampaignRow; status: CampaignStatus },
): Promise<void> {
  const event = { running: 'campaign.started', paused: 'campaign.paused' } as const
  const name = event[change.status as keyof typeof event]
  if (!name) return
  const { id, workspaceId, name: campaignName } = change.campaign
  const data = { campaign_id: id, campaign_name: campaignName, execution_status: change.status }
  await writeNotices(tx, [{ workspaceId, event: name, campaignId: id, data, now: who.now }])
}

function wrongTransition(
  campaign: CampaignRow,
  wish: { action: CampaignAction; allowed: readonly CampaignAction[] },
): Conflict {
  const allowed = wish.allowed.length
    ? `Allowed now: ${wish.allowed.join(', ')}.`
    : 'Nothing can be done with it any more.'
  return new Conflict(
    'wrong_transition',
    `A campaign that is ${campaign.executionStatus} cannot ${wish.action}. ${allowed}`,
    { executionStatus: campaign.executionStatus, allowed: wish.allowed },
  )
}

async function hangUpAll(deps: Pick<Deps, 'db' | 'livekit' | 'log'>, who: Who, campaignId: string): Promise<void> {
  const live = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx.execute<{ id: string; room_name: string }>(sql`
      update calls set hangup_requested_at = coalesce(hangup_requested_at, ${who.now.toISOString()}::timestamptz)
      where campaign_id = ${campaignId} and status in ('calling', 'answered') returning id, room_name`),
  )
  for (const call of live) {
    await deps.livekit
      .hangUp(call.room_name)
      .catch((err: unknown) => deps.log.warn({ callId: call.id, err }, 'could not hang up; the call ends by itself'))
  }
}
