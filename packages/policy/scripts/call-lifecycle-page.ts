import { fileURLToPath } from 'node:url'
import { callMoves } from '../src/call-lifecycle.ts'
import { type CallStatus, callStatuses, type Disposition, dispositions } from '../src/states.ts'

export const pageFile = fileURLToPath(new URL('../../../docs/call-lifecycle.md', import.meta.url))

/** The text of docs/call-lifecycle.md, made from the moves that policy allows. */
export function describeCallLifecycle(): string {
  const sections = [intro, diagram(), stateTable(), moveTable(), dispositionTable()]
  return `${sections.join('\n\n')}\n`
}

const intro = `# The life of a call

<!-- Generated from packages/policy/src/call-lifecycle.ts. Change it there, then: pnpm --filter @outdial/policy lifecycle -->

A call is one attempt to reach one number. It moves only along these arrows, and every move is one transaction.
\`completed\` and \`failed\` are final: news that comes later may add an outcome or a transcript, never another status.
Why signals may come in any order: [decision 0006](decisions/0006-unclear-ends-are-settled-later.md).`

const states: Record<CallStatus, string> = {
  pending: 'It is claimed, or asked for as a single call, and nothing was dialed.',
  calling: 'The permit was given. From here on a telephone may be ringing, so the call is never dialed again.',
  answered: 'Somebody, or a mailbox, picked up and the line is open.',
  completed: 'It was answered and is over. What it came to is in its outcome.',
  failed: 'It is over without a conversation. How is in its disposition, why in its end reason.',
}

const endings: Record<Disposition, string> = {
  completed: 'It was answered and ended.',
  busy: 'The line was busy.',
  no_answer: 'It rang until the ring timeout, or the callee cannot be reached at the moment.',
  rejected: 'The callee or the carrier rejected it.',
  invalid_number: 'The number does not exist or cannot be dialed.',
  trunk_error: 'Trunk, carrier or LiveKit could not place the call.',
  agent_error: 'It was answered and no agent joined in time, so it was hung up.',
  canceled:
    'It was taken back before it was dialed, or its leg was seen to go after somebody had hung it up, before anybody answered.',
  unknown: 'Nobody told how it ended, and LiveKit no longer knows it. It may have rung.',
}

function diagram(): string {
  const nodes = callStatuses.map((status) => (isFinal(status) ? `  ${status}([${status}])` : `  ${status}[${status}]`))
  const arrows = moves().map(({ from, to }) => `  ${from} --> ${to}`)
  return ['```mermaid', 'flowchart LR', ...nodes, ...arrows, '```'].join('\n')
}

function stateTable(): string {
  const rows = callStatuses.map((status) => `| \`${status}\` | ${states[status]} |`)
  return ['## States', '', '| status | meaning |', '|---|---|', ...rows].join('\n')
}

function moveTable(): string {
  const rows = moves().map(({ from, to, why }) => `| \`${from}\` | \`${to}\` | ${why} |`)
  return ['## Moves', '', '| from | to | when |', '|---|---|---|', ...rows].join('\n')
}

function dispositionTable(): string {
  const rows = dispositions.map((disposition) => `| \`${disposition}\` | ${endings[disposition]} |`)
  return ['## Dispositions: how the telephone leg ended', '', '| disposition | meaning |', '|---|---|', ...rows].join(
    '\n',
  )
}

function moves(): { from: CallStatus; to: string; why: string }[] {
  return callStatuses.flatMap((from) => Object.entries(callMoves[from]).map(([to, why]) => ({ from, to, why })))
}

function isFinal(status: CallStatus): boolean {
  return Object.keys(callMoves[status]).length === 0
}
