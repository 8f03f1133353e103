import type { CallStory, CampaignStory, RunState, TrunkStory, WorkspaceStory } from './case.ts'
import { type Entry, textOf } from './entry.ts'
import { listOf } from './list-of.ts'
import { defaultAttemptLimit, readAttemptLimit, readCampaignSettings, readTrunkLimits } from './settings.ts'

const stateAfter: Record<string, RunState> = {
  campaign_started: 'running',
  campaign_resumed: 'running',
  campaign_paused: 'paused',
  campaign_stopped: 'stopped',
  campaign_failed: 'failed',
  campaign_completed: 'completed',
}

export function addToCampaign(campaign: CampaignStory, entry: Entry): void {
  const { kind, recordedMs, contactId } = entry
  if (contactId) {
    if (kind === 'finished' || isReopening(entry)) listOf(campaign.ends, contactId).push(entry)
    if (kind === 'deferred') campaign.deferredContacts.add(contactId)
    return
  }
  const state = stateAfter[kind]
  if (state) campaign.states.push({ fromMs: recordedMs, value: state })
  if (entry.details.settings !== undefined) {
    campaign.settings.push({ fromMs: recordedMs, value: readCampaignSettings(entry) })
  }
  if (kind === 'contacts_added') {
    const value = (campaign.added.at(-1)?.value ?? 0) + (Number(entry.details.count) || 0)
    campaign.added.push({ fromMs: recordedMs, value })
  }
  if (kind === 'deferred') campaign.deferrals.push(recordedMs)
}

/** A person arranged a callback after the contact had been finished. */
export function isReopening({ kind, details }: Entry): boolean {
  return kind === 'retried' && details.wasFinished === true
}

export function addToTrunk(trunk: TrunkStory, entry: Entry): void {
  const limits = readTrunkLimits(entry)
  trunk.limits.push({ fromMs: entry.recordedMs, value: limits })
  trunk.livekitTrunkId = limits.livekitTrunkId ?? trunk.livekitTrunkId
}

export function addToWorkspace(workspace: WorkspaceStory, entry: Entry): void {
  const { kind, recordedMs } = entry
  if (workspace.attemptLimits.length === 0) {
    workspace.attemptLimits.push({ fromMs: Number.NEGATIVE_INFINITY, value: defaultAttemptLimit })
  }
  if (kind === 'workspace_changed' && entry.details.attemptLimit !== undefined) {
    workspace.attemptLimits.push({ fromMs: recordedMs, value: readAttemptLimit(entry) })
  }
  if (kind !== 'number_suppressed' && kind !== 'number_unsuppressed') return
  const number = textOf(entry, 'phoneNumber')
  if (!number) return
  const known = workspace.suppressions.get(number) ?? []
  workspace.suppressions.set(number, known)
  known.push({ fromMs: recordedMs, value: kind === 'number_suppressed' })
}

export function addToCall(call: CallStory, entry: Entry): void {
  call.contactId ??= entry.contactId
  switch (entry.kind) {
    case 'claimed':
      call.claimed = entry
      call.trunkId = entry.trunkId ?? call.trunkId
      return
    case 'permitted':
      call.permits.push(entry)
      return
    case 'dialed':
      call.marks.push(entry)
      return
    case 'released':
      call.releases.push(entry)
      return
    case 'applied':
      call.applied.push(entry)
      return
    case 'retried':
    case 'finished':
      call.decisions.push(entry)
      return
  }
}
