import type { CallStory, CampaignStory, Case, RunState } from '../case/case.ts'
import { textOf } from '../case/entry.ts'
import { addedContacts, dispositionInLog, finishedContacts, wasReleased } from '../case/moments.ts'
import type { Told } from '../evidence.ts'
import type { Violation } from '../verdict.ts'

type ToldCampaign = Told['campaigns'][number]

const statusOf: Record<RunState, string> = {
  running: 'running',
  paused: 'paused',
  stopped: 'idle',
  failed: 'error',
  completed: 'completed',
}

/** What the product counts is what a recount of the log comes to. */
export function judgeCounters({ told, campaigns }: Case): Violation[] {
  return (told?.campaigns ?? []).flatMap((each) => {
    const campaign = campaigns.get(each.id)
    const wrong = campaign ? differences(each, recount(campaign)) : unknownCampaign(each)
    if (wrong.length === 0) return []
    const message = `Campaign ${each.id} does not add up: ${wrong.join('; ')}.`
    return [
      { rule: 'wrong-counters', message, evidence: { told: each, counted: campaign && recount(campaign) } } as const,
    ]
  })
}

/** A campaign that never ran has no entries, and nothing to count. */
function unknownCampaign({ contacts, calls }: ToldCampaign): string[] {
  return contacts.total > 0 || Object.keys(calls).length > 0 ? ['the log does not know it'] : []
}

function recount(campaign: CampaignStory): ToldCampaign {
  const finished = finishedContacts(campaign)
  const claimed = [...campaign.contacts].filter(([id, calls]) => !finished.has(id) && isInHand(calls.at(-1))).length
  const calls: Record<string, number> = {}
  for (const call of campaign.calls) {
    const ending = dispositionInLog(call) ?? stageOf(call)
    calls[ending] = (calls[ending] ?? 0) + 1
  }
  const total = addedContacts(campaign)
  const contacts = { total, waiting: total - claimed - finished.size, claimed, finished: finished.size }
  return { id: campaign.id, status: statusOf[campaign.states.at(-1)?.value ?? 'stopped'], contacts, calls }
}

function isInHand(call: CallStory | undefined): boolean {
  return call !== undefined && call.decisions.length === 0 && !wasReleased(call)
}

function stageOf(call: CallStory): string {
  return textOf(call.applied.at(-1), 'status') ?? (call.permits.length > 0 ? 'calling' : 'pending')
}

function differences(told: ToldCampaign, counted: ToldCampaign): string[] {
  const status =
    told.status === counted.status ? [] : [`its status is ${told.status}, and the log says ${counted.status}`]
  return [
    ...status,
    ...compare('contacts', told.contacts, counted.contacts),
    ...compare('calls', told.calls, counted.calls),
  ]
}

function compare(group: string, told: Record<string, number>, counted: Record<string, number>): string[] {
  const names = [...new Set([...Object.keys(told), ...Object.keys(counted)])]
  return names
    .filter((name) => (told[name] ?? 0) !== (counted[name] ?? 0))
    .map((name) => `${group}.${name} is ${told[name] ?? 0}, and the log has ${counted[name] ?? 0}`)
}
