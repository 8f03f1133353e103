import type { CallStory, CampaignStory, RunState, TrunkStory, WorkspaceStory } from './case.ts'
import { type Entry, textOf } from './entry.ts'
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
  const { kind, recordedMs, details } = entry
  if (kind === 'finished') campaign.finished.push(entry)
  if (entry.contactId) return
  const state = stateAfter[kind]
  if (state) campaign.states.push({ fromMs: recordedMs, value: state })
  if (details.settings !== undefined) {
    campaign.settings.push({ fromMs: recordedMs, value: readCampaignSettings(entry) })
  }
  if (kind === 'contacts_added') campaign.added += Number(details.count) || 0
  if (kind === 'deferred') campaign.deferrals.push(recordedMs)
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
      call.retried = entry
      return
    case 'finished':
      call.finished = entry
      return
  }
}
