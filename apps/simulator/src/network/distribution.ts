import { pickWeighted, seededRandom } from '../random.ts'
import type { BehaviourName } from './behaviours.ts'

/** Share of numbers that do not exist; they do not exist at the second attempt either. */
const invalidShare = 0.03

/** What the other numbers do at one attempt, in per cent of the attempts. */
const weights = [
  ['answers_interested', 14],
  ['answers_not_interested', 16],
  ['answers_callback', 4],
  ['answers_do_not_call', 3],
  ['answers_wrong_number', 3],
  ['hangs_up_mid_call', 3],
  ['hangs_up_at_once', 2],
  ['no_answer', 26],
  ['busy', 12],
  ['rejects', 3],
  ['declined', 3],
  ['voicemail', 6],
  ['carrier_error', 4],
  ['carrier_fault', 1],
] as const satisfies readonly (readonly [BehaviourName, number])[]

/** Draws what an ordinary number does: the same for the same seed, number and attempt, in whatever order they come. */
export function drawBehaviour(seed: number, number: string, attempt: number): BehaviourName {
  if (seededRandom(seed, 'exists', number)() < invalidShare) return 'invalid'
  return pickWeighted(seededRandom(seed, 'does', number, attempt), weights)
}
