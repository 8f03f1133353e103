import type { Conclusion } from '../call/call.ts'

/** What has happened in a conversation so far. */
export type Event =
  | { kind: 'said'; by: 'agent' | 'callee'; text: string }
  | { kind: 'used'; tool: string; result: string }

/** What the agent does next: it says something, uses a tool, or first the one and then the other. */
export type Turn = { say?: string; use?: { tool: string; args: Record<string, unknown> } }

const goodbye = 'Thank you for your time. Goodbye.'
const farewells: Record<string, string> = {
  do_not_call: 'I am sorry to have disturbed you. Nobody will call you again. Goodbye.',
  record_outcome: goodbye,
}
const keys: Record<string, Conclusion['outcome']> = {
  1: 'interested',
  2: 'not_interested',
  3: 'callback',
  4: 'wrong_number',
}

/**
 * An agent without a mind: asks the questions in their order, takes any sound for an answer, and understands keys of the
 * telephone. From what was said and done so far follows what is next; there is no other memory.
 */
export function nextTurn({ questions, tools }: { questions: string[]; tools: string[] }, events: Event[]): Turn {
  const said = events.flatMap((event) => (event.kind === 'said' && event.by === 'agent' ? [event.text] : []))
  const asked = questions.filter((question) => said.some((text) => text.includes(question))).length
  const last = events.findLast((event) => event.kind === 'used' || event.text !== '')
  if (last?.kind === 'used') return afterTool(last.tool, { questions, asked })
  if (last?.by !== 'callee')
    return asked === 0 ? ask(questions, 0) : { say: `Are you still there? ${questions[asked - 1]}` }
  const key = /\(pressed (.)\)/.exec(last.text)?.[1]
  if (key === '9') return { use: { tool: 'do_not_call', args: {} } }
  if (key === '0' && tools.includes('transfer_call')) return { use: { tool: 'transfer_call', args: {} } }
  const outcome = keys[key ?? '']
  if (outcome) return conclude(outcome, `Pressed ${key}.`)
  const question = questions[asked - 1]
  return question ? { use: { tool: 'save_answer', args: { question, answer: last.text } } } : ask(questions, 0)
}

/** Somebody who talks for longer than this without a pause is taken for a machine. */
const machineMs = 2_600

/** What an ear's words about the first sound of a call suggest: people say hello, machines make speeches. */
export function soundsLikeMachine(transcript: string): boolean {
  const spokenMs = [...transcript.matchAll(/\((\d+(?:\.\d+)?) s of sound\)/g)].map((match) => Number(match[1]) * 1_000)
  return spokenMs.reduce((sum, ms) => sum + ms, 0) >= machineMs
}

/** How a sound is written down where nobody understands it. */
export const describeSound = (soundMs: number) => `(${(soundMs / 1_000).toFixed(1)} s of sound)`

function afterTool(tool: string, { questions, asked }: { questions: string[]; asked: number }): Turn {
  const farewell = farewells[tool]
  if (farewell) return { say: farewell, use: { tool: 'end_call', args: {} } }
  if (tool === 'end_call') return {}
  return ask(questions, asked)
}

function ask(questions: string[], index: number): Turn {
  const question = questions[index]
  if (question !== undefined) return { say: question }
  if (questions.length === 0) return { say: goodbye, use: { tool: 'end_call', args: {} } }
  return conclude('interested', 'Answered all questions.')
}

function conclude(outcome: Conclusion['outcome'], summary: string): Turn {
  return { use: { tool: 'record_outcome', args: { outcome, summary } } }
}
