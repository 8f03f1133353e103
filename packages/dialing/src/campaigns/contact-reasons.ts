import type { calls } from '@outdial/database/schema/calls'
import { type Disposition, dispositions, type FinishReason } from '@outdial/policy/states'
import type { CampaignContact } from './campaign-contacts.ts'
import type { LogEntry } from './campaign-log.ts'

/** Why somebody is not being called right now, or will not be called any more, in a sentence for people. */
export type Reason = { code: string; reason: string; until: Date | null }

export function whyFinished(contact: CampaignContact, log: LogEntry[]): Reason {
  const code = contact.finishReason ?? 'completed'
  const released = log.findLast((entry) => entry.kind === 'released')?.details.reason
  const told = code === 'predial' && typeof released === 'string' ? released : endings[code](contact, lastCall(log))
  return { code, reason: told, until: null }
}

/** Before they are due again; `until` is when they are and may be called. */
export function whyAgainLater(log: LogEntry[], until: Date | null): Reason {
  const last = log.findLast(
    (entry) => entry.kind === 'retried' || entry.kind === 'deferred' || entry.kind === 'released',
  )
  if (!until) {
    const reason = 'The calling hours never open again after they are due. Change the hours, or stop the campaign.'
    return { code: 'never_open', reason, until }
  }
  if (last?.kind === 'retried') {
    const isCallback = last.details.outcome === 'callback'
    const reason = isCallback
      ? 'They asked to be called back then.'
      : `${lastCall(log)} They are called again then.`.trim()
    return { code: isCallback ? 'callback' : 'retry_later', reason, until }
  }
  const told = typeof last?.details.reason === 'string' ? last.details.reason : 'They are not due yet.'
  return { code: 'not_due', reason: told, until }
}

export function beingCalled(call: typeof calls.$inferSelect | undefined): Reason {
  switch (call?.status) {
    case 'pending':
      return { code: 'about_to_be_dialed', reason: 'Their call is about to be dialed.', until: call.startsAt }
    case 'calling':
      return { code: 'ringing', reason: 'They are being called right now.', until: null }
    case 'answered':
      return { code: 'talking', reason: 'They are on the phone right now.', until: null }
    default: {
      const reason = 'Their call has just ended. What follows is decided when the report of the agent is in.'
      return { code: 'just_called', reason, until: call?.checkAt ?? null }
    }
  }
}

const endings: Record<FinishReason, (contact: CampaignContact, last: string) => string> = {
  completed: (_, last) => `${last || 'They were reached.'} The campaign is done with them.`,
  exhausted: ({ attempts }, last) =>
    `They were called ${attempts === 1 ? 'once' : `${attempts} times`}, which is as often as the campaign tries. ${last}`.trim(),
  not_retried: (_, last) => `${last} The campaign does not call again after that.`.trim(),
  suppressed: () => 'The number is on the suppression list: somebody asked for it not to be called.',
  canceled: () => 'Their call was hung up by request, so the campaign does not call them again.',
  unknown_time_zone: () => 'Nobody knows the time where they are, and the campaign does not call such people.',
  predial: () => 'The pre-dial address of the campaign said not to call them.',
  campaign_ended: () => 'The calling hours did not open for them any more before the campaign ended.',
}

/** In a sentence; empty where the log does not know. */
function lastCall(log: LogEntry[]): string {
  const ended = log.findLast((entry) => entry.kind === 'retried' || entry.kind === 'finished')
  const { disposition, outcome } = ended?.details ?? {}
  if (outcome === 'voicemail') return 'Last time an answering machine took the call.'
  const known = dispositions.find((each) => each === disposition)
  return known ? sentences[known] : ''
}

const sentences: Record<Disposition, string> = {
  completed: 'They were talked to.',
  busy: 'Last time the line was busy.',
  no_answer: 'Last time nobody answered.',
  rejected: 'Last time the call was declined.',
  invalid_number: 'The number does not exist.',
  trunk_error: 'Last time the trunk could not place the call.',
  agent_error: 'Last time no agent joined the call.',
  canceled: 'Last time the call was taken back before it was answered.',
  unknown: 'Last time nobody told how the call ended.',
}
