import { fictionalNumbers } from '@outdial/chaos/phone-numbers'
import { behaviourOf, type PhoneBehaviour, type PhonePlan, phoneBehaviours } from '../phone/behaviours.ts'
import type { AgentScript } from '../worker/script.ts'

export type Person = { phoneNumber: string; name: string; behaviour: PhoneBehaviour }

/** Of a hundred people so many do so. What is left out never ends, or stops the whole campaign. */
const mix = {
  answers: 24,
  answers_not_interested: 8,
  answers_callback: 2,
  answers_do_not_call: 2,
  answers_wrong_number: 2,
  voicemail: 2,
  busy: 6,
  no_answer: 4,
  rejects: 4,
  declined: 4,
  invalid: 4,
  carrier_error: 3,
  slow_answer: 6,
  hangs_up_mid_call: 4,
  hangs_up_at_once: 3,
  forbidden: 1,
  busy_everywhere: 1,
  gone: 1,
  incomplete: 1,
  carrier_timeout: 1,
  carrier_fault: 1,
  request_timeout: 1,
  early_media: 3,
  reinvites: 3,
  answers_without_ringing: 2,
  busy_then_answers: 2,
  no_answer_then_answers: 1,
  declined_then_answers: 1,
  carrier_error_then_answers: 1,
  moved: 1,
  not_acceptable: 1,
} as const satisfies Partial<Record<PhoneBehaviour, number>>

/** So many people with numbers of nobody's, whoever does the same far from each other. */
export function choosePeople(count: number): Person[] {
  const numbers = Map.groupBy(fictionalNumbers(12_000), behaviourOf)
  const total = Object.values(mix).reduce((sum, share) => sum + share, 0)
  const wanted = Object.entries(mix) as [PhoneBehaviour, number][]
  const taken = new Map<PhoneBehaviour, number>()
  return Array.from({ length: count }, (_, index) => {
    // Whoever is furthest behind its share is next.
    const lag = ([behaviour, share]: [PhoneBehaviour, number]) =>
      (share / total) * (index + 1) - (taken.get(behaviour) ?? 0)
    const [behaviour] = wanted.reduce((most, each) => (lag(each) > lag(most) ? each : most))
    const used = taken.get(behaviour) ?? 0
    taken.set(behaviour, used + 1)
    const phoneNumber = numbers.get(behaviour)?.[used]
    if (!phoneNumber) throw new Error(`There are not enough numbers for ${count} people: use --contacts with fewer.`)
    return { phoneNumber, name: `Person ${index + 1}`, behaviour }
  })
}

/** How often an ending is tried, and how long after. Short, since this runs in real time. */
export const retry = {
  busy: { attempts: 2, delaySeconds: 12 },
  no_answer: { attempts: 2, delaySeconds: 12 },
  rejected: { attempts: 2, delaySeconds: 12 },
  trunk_error: { attempts: 2, delaySeconds: 12 },
  agent_error: { attempts: 2, delaySeconds: 12 },
  unknown: { attempts: 2, delaySeconds: 12 },
}

/** How long after the conversation somebody wants to be called back. */
export const callbackAfterMs = 12_000

/**
 * How the calls to somebody end, one after the other, where nobody dies. `outcomes` are those that their agents told: an
 * agent that could not tell of a callback brings none about.
 */
export function expectedDispositions(behaviour: PhoneBehaviour, outcomes: (string | null)[]): string[] {
  const endings: string[] = []
  for (;;) {
    const ending = dispositionOf(behaviourAt(behaviour, endings.length + 1))
    endings.push(ending)
    if (outcomes[endings.length - 1] === 'callback') continue
    const rule = retry[ending as keyof typeof retry]
    if (!rule || endings.filter((each) => each === ending).length >= rule.attempts) return endings
  }
}

/** What the agent does in a call to this number; `call` counts the calls to it. */
export function scriptFor(phoneNumber: string, call: number): AgentScript {
  const behaviour = behaviourAt(behaviourOf(phoneNumber), call)
  const plan: PhonePlan = phoneBehaviours[behaviour].plan
  // Whoever hangs up is not hung up on.
  if (plan.kind !== 'answer' || plan.talk.startsWith('hang_up')) return { ending: 'stay', talkMs: 10_000 }
  const outcome = outcomeOf(behaviour, call)
  const lastReport = () => ({
    ...{ outcome, summary: `They were ${outcome}.` },
    transcript: [{ speaker: 'callee' as const, text: `I am ${behaviour}.`, at: new Date().toISOString() }],
    ...(outcome === 'callback' && { callbackAt: new Date(Date.now() + callbackAfterMs).toISOString() }),
  })
  return { talkMs: 1_000, lastReport, ...(outcome === 'do_not_call' && { reports: [{ outcome }] }) }
}

/** Of a series what is played at this call. */
function behaviourAt(behaviour: PhoneBehaviour, call: number): PhoneBehaviour {
  const plan: PhonePlan = phoneBehaviours[behaviour].plan
  if (plan.kind !== 'series') return behaviour
  return (call === 1 ? plan.first : plan.later) as PhoneBehaviour
}

function dispositionOf(behaviour: PhoneBehaviour): string {
  const plan: PhonePlan = phoneBehaviours[behaviour].plan
  if (plan.kind === 'answer') return 'completed'
  if (plan.kind === 'ring') return 'no_answer'
  return (plan.kind === 'refuse' ? byStatus[plan.status] : undefined) ?? 'trunk_error'
}

function outcomeOf(behaviour: PhoneBehaviour, call: number): string {
  if (behaviour === 'voicemail') return 'voicemail'
  if (behaviour === 'answers_callback') return call === 1 ? 'callback' : 'interested'
  return /^answers_(not_interested|do_not_call|wrong_number)$/.exec(behaviour)?.[1] ?? 'interested'
}

/** What docs/judge.md and the SIP standard make of them. */
const byStatus: Record<number, string> = {
  302: 'invalid_number',
  403: 'rejected',
  404: 'invalid_number',
  408: 'no_answer',
  410: 'invalid_number',
  480: 'no_answer',
  484: 'invalid_number',
  486: 'busy',
  600: 'busy',
  603: 'rejected',
}
