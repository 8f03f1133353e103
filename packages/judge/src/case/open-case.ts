import type { Evidence, LedgerCall, LogEntry } from '../evidence.ts'
import type { CallStory, CampaignStory, Case, Invite, Terms, TrunkStory, WorkspaceStory } from './case.ts'
import { type Entry, toEntry } from './entry.ts'
import { listOf } from './list-of.ts'
import { addToCall, addToCampaign, addToTrunk, addToWorkspace } from './read-entry.ts'

const roomPrefix = 'call-'

/** Sorts the evidence by what it is about. @throws EvidenceError when settings in the log make no sense */
export function openCase({ ledger, log, told }: Evidence, terms: Terms): Case {
  const theCase: Case = {
    invites: [],
    calls: new Map(),
    campaigns: new Map(),
    trunks: new Map(),
    workspaces: new Map(),
    told,
    terms,
  }
  for (const entry of inOrder(log)) addEntry(theCase, entry)
  const trunkOf = new Map([...theCase.trunks.values()].map((trunk) => [trunk.livekitTrunkId, trunk.id]))
  for (const seen of ledger) theCase.invites.push(toInvite(theCase, { seen, trunkOf }))
  theCase.invites.sort((one, other) => one.realMs - other.realMs)
  for (const invite of theCase.invites) addInvite(theCase, invite)
  return theCase
}

/** By the real clock; entries of one instant in the order of their ids. */
function inOrder(log: readonly LogEntry[]): Entry[] {
  return log.map(toEntry).sort((one, other) => one.recordedMs - other.recordedMs || Number(one.id) - Number(other.id))
}

function addEntry(theCase: Case, entry: Entry): void {
  addToWorkspace(workspaceOf(theCase, entry.workspaceId), entry)
  if (entry.kind === 'trunk_changed' && entry.trunkId) addToTrunk(trunkOf(theCase, entry.trunkId), entry)
  const campaign = entry.campaignId ? campaignOf(theCase, entry.campaignId, entry.workspaceId) : undefined
  if (campaign) addToCampaign(campaign, entry)
  if (entry.callId) addToCall(callOf(theCase, { callId: entry.callId, entry, campaign }), entry)
}

function callOf(
  theCase: Case,
  { callId, entry, campaign }: { callId: string; entry: Entry; campaign: CampaignStory | undefined },
): CallStory {
  const known = theCase.calls.get(callId)
  if (known) return known
  const { workspaceId, campaignId, contactId, trunkId } = entry
  const call: CallStory = {
    ...{ id: callId, workspaceId, campaignId, contactId, trunkId, claimed: undefined },
    ...{ permits: [], marks: [], releases: [], applied: [], decisions: [], invites: [] },
  }
  theCase.calls.set(callId, call)
  if (campaign) {
    campaign.calls.push(call)
    if (contactId) listOf(campaign.contacts, contactId).push(call)
  }
  return call
}

function campaignOf(theCase: Case, id: string, workspaceId: string): CampaignStory {
  const known = theCase.campaigns.get(id)
  if (known) return known
  const campaign: CampaignStory = {
    ...{ id, workspaceId, settings: [], states: [], added: [], ends: new Map(), deferrals: [] },
    ...{ deferredContacts: new Set(), contacts: new Map(), calls: [], invites: [] },
  }
  theCase.campaigns.set(id, campaign)
  return campaign
}

function trunkOf(theCase: Case, id: string): TrunkStory {
  const known = theCase.trunks.get(id)
  if (known) return known
  const trunk: TrunkStory = { id, livekitTrunkId: null, limits: [], invites: [] }
  theCase.trunks.set(id, trunk)
  return trunk
}

function workspaceOf(theCase: Case, id: string): WorkspaceStory {
  const known = theCase.workspaces.get(id)
  if (known) return known
  const workspace: WorkspaceStory = { id, attemptLimits: [], suppressions: new Map(), numbers: new Map() }
  theCase.workspaces.set(id, workspace)
  return workspace
}

function toInvite(
  theCase: Case,
  { seen, trunkOf: byLiveKit }: { seen: LedgerCall; trunkOf: Map<string | null, string> },
): Invite {
  const callId = seen.roomName.startsWith(roomPrefix) ? seen.roomName.slice(roomPrefix.length) : seen.roomName
  const call = theCase.calls.get(callId)
  return {
    seen,
    callId,
    call,
    trunkId: call?.trunkId ?? byLiveKit.get(seen.trunkId),
    atMs: Date.parse(seen.invited.at),
    realMs: seen.invited.realMs,
    endedAtMs: seen.ended ? Date.parse(seen.ended.at) : Number.POSITIVE_INFINITY,
    endedRealMs: seen.ended?.realMs ?? Number.POSITIVE_INFINITY,
  }
}

function addInvite(theCase: Case, invite: Invite): void {
  const { call, trunkId, seen } = invite
  if (trunkId) trunkOf(theCase, trunkId).invites.push(invite)
  if (!call) return
  call.invites.push(invite)
  if (call.campaignId) campaignOf(theCase, call.campaignId, call.workspaceId).invites.push(invite)
  listOf(workspaceOf(theCase, call.workspaceId).numbers, seen.to).push(invite)
}
