import type { Luck } from './random.ts'
import type { WorkspacePlan } from './workspaces.ts'

/** What the network does at the calls to a number, one after the other; the last one stays. */
export type NumberPlan = { number: string; behaviours: string[]; talkMs?: number }

/** Stories that luck alone tells too seldom. */
const stories: readonly (readonly string[])[] = [
  ['answers_do_not_call'],
  ['answers_do_not_call'],
  ['busy', 'answers_do_not_call'],
  ['answers_callback', 'answers_interested'],
  ['very_long'],
  ['carrier_silent', 'answers_interested'],
  ['cps_limit', 'cps_limit', 'answers_interested'],
  ['carrier_error', 'carrier_error', 'answers_not_interested'],
  ['hangs_up_at_once'],
  ['agent_silent'],
  ['slow_answer'],
  ['voicemail', 'voicemail', 'answers_interested'],
  ['no_answer', 'no_answer', 'no_answer', 'busy'],
  ['request_timeout', 'carrier_timeout', 'gone'],
]

/** Gives some people of every list a story; seldom the carrier refuses one call for bad credentials. */
export function drawNumbers(luck: Luck, workspaces: WorkspacePlan[]): NumberPlan[] {
  const numbers = new Map<string, NumberPlan>()
  for (const list of workspaces.flatMap((workspace) => workspace.lists)) {
    for (const { phoneNumber: number } of luck.some(list, luck.whole(4, 9))) {
      numbers.set(number, { number, behaviours: [...luck.pick(stories)] })
    }
  }
  const [first] = numbers.values()
  if (first && luck.percent(15)) first.behaviours = ['unauthorized', 'answers_interested']
  return [...numbers.values()]
}
