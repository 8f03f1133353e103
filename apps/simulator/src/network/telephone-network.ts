import { seededRandom } from '../random.ts'
import { type BehaviourName, behaviours } from './behaviours.ts'
import type { CallPlan, Refusal } from './call-plan.ts'
import { drawBehaviour } from './distribution.ts'
import { magicNumbers } from './magic-numbers.ts'

/** What an operator of the network said a number does: one behaviour per attempt, the last one stays. */
type NumberRule = { behaviours: BehaviourName[]; ringMs?: number; talkMs?: number }

export type PlannedCall = CallPlan & { behaviour: BehaviourName | 'trunk_limit' | 'calls_in'; attempt: number }

export type TelephoneNetwork = ReturnType<typeof createTelephoneNetwork>

/** The called number decides what happens: its own rule, then the magic numbers, then the seeded distribution. */
export function createTelephoneNetwork(seed: number) {
  const rules = new Map<string, { rule: NumberRule; used: number }>()
  const attempts = new Map<string, number>()

  function choose(number: string, attempt: number): BehaviourName {
    const own = rules.get(number)
    if (own) {
      const behaviour = own.rule.behaviours[Math.min(own.used, own.rule.behaviours.length - 1)]
      own.used += 1
      if (behaviour) return behaviour
    }
    return magicNumbers.get(number) ?? drawBehaviour(seed, number, attempt)
  }

  return {
    /** Plans the next INVITE to this number and counts the attempt. */
    plan(dialed: string): PlannedCall {
      const number = normalise(dialed)
      const attempt = (attempts.get(number) ?? 0) + 1
      attempts.set(number, attempt)
      const behaviour = choose(number, attempt)
      const random = magicNumbers.has(number) ? middle : seededRandom(seed, 'lasts', number, attempt)
      const plan = behaviours[behaviour].plan(random)
      return { ...adjust(plan, rules.get(number)?.rule), behaviour, attempt }
    },
    /** How a transfer to this number would be refused; a magic number or a rule says so, luck does not. */
    refusalOf(target: string): Refusal | undefined {
      const number = normalise(target)
      const behaviour = rules.get(number)?.rule.behaviours[0] ?? magicNumbers.get(number)
      const ending = behaviour && behaviours[behaviour].plan(middle).ending
      return ending?.kind === 'refuse' ? ending.refusal : undefined
    },
    setNumber(number: string, rule: NumberRule) {
      rules.set(normalise(number), { rule, used: 0 })
    },
    numbers(): Record<string, NumberRule> {
      return Object.fromEntries([...rules].map(([number, { rule }]) => [number, rule]))
    },
    clear() {
      rules.clear()
      attempts.clear()
    },
  }
}

// magic numbers take the middle of every range: no luck involved
const middle = () => 0.5

function adjust(plan: CallPlan, rule: NumberRule | undefined): CallPlan {
  const { ringAfterMs, ending } = plan
  if (!rule || ending.kind !== 'answer') return plan
  const afterMs = rule.ringMs === undefined ? ending.afterMs : (ringAfterMs ?? 0) + rule.ringMs
  const talkMs = rule.talkMs ?? ending.conversation.talkMs
  return { ringAfterMs, ending: { ...ending, afterMs, conversation: { ...ending.conversation, talkMs } } }
}

function normalise(number: string): string {
  const digits = number.replace(/@.*$/, '').replace(/[^0-9]/g, '')
  return `+${digits}`
}
