import type { LedgerCall } from './ledger.ts'

/** Counts over all calls; one pass, done only when somebody asks. */
export function summarise(calls: readonly LedgerCall[], live: { active: number; peakConcurrency: number }) {
  const invitesByRoom = new Map<string, number>()
  const invitesByNumber = new Map<string, number>()
  const bySipStatus: Record<string, number> = {}
  const byOutcome: Record<string, number> = {}
  const byBehaviour: Record<string, number> = {}
  let ringing = 0
  let answered = 0
  const endings = { refused: 0, canceled: 0, hung_up: 0 }

  for (const call of calls) {
    invitesByRoom.set(call.roomName, (invitesByRoom.get(call.roomName) ?? 0) + 1)
    invitesByNumber.set(call.to, (invitesByNumber.get(call.to) ?? 0) + 1)
    byBehaviour[call.behaviour] = (byBehaviour[call.behaviour] ?? 0) + 1
    if (call.ringing) ringing += 1
    if (call.answered) answered += 1
    if (call.ending) endings[call.ending] += 1
    if (call.sipStatus) bySipStatus[call.sipStatus] = (bySipStatus[call.sipStatus] ?? 0) + 1
    if (call.outcome) byOutcome[call.outcome] = (byOutcome[call.outcome] ?? 0) + 1
  }

  return {
    invites: calls.length,
    ringing,
    answered,
    refused: endings.refused,
    canceled: endings.canceled,
    hungUp: endings.hung_up,
    active: live.active,
    peakConcurrency: live.peakConcurrency,
    peakCallsPerSecond: peakPerSecond(calls, (call) => Date.parse(call.invited.at)),
    peakCallsPerRealSecond: peakPerSecond(calls, (call) => call.invited.realMs),
    rooms: invitesByRoom.size,
    maxInvitesPerRoom: largest(invitesByRoom),
    numbers: invitesByNumber.size,
    maxInvitesPerNumber: largest(invitesByNumber),
    bySipStatus,
    byOutcome,
    byBehaviour,
  }
}

function largest(counts: Map<string, number>): number {
  let most = 0
  for (const count of counts.values()) most = Math.max(most, count)
  return most
}

// the calls are in the order of their INVITEs, so two fingers are enough
function peakPerSecond(calls: readonly LedgerCall[], timeOf: (call: LedgerCall) => number): number {
  const times = calls.map(timeOf)
  let peak = 0
  let first = 0
  times.forEach((time, index) => {
    while ((times[first] ?? time) <= time - 1000) first += 1
    peak = Math.max(peak, index - first + 1)
  })
  return peak
}
