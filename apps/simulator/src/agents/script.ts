import type { Conversation } from '../network/call-plan.ts'
import type { JobMetadata } from './job-metadata.ts'

type Speaker = 'agent' | 'callee'
/** `part` is when it is said, as a share of the talk. */
type Line = { speaker: Speaker; text: string; part: number }

export type Script = { lines: Line[]; summary?: string; answers: Record<string, string> }

/** Writes the conversation: greeting, the questions of the job, and what the outcome calls for. */
export function writeScript({ outcome }: Conversation, metadata: JobMetadata): Script {
  const usual = metadata.greeting || 'Hello, this is the assistant calling. Do you have a minute?'
  const greeting = [metadata.ai_disclosure, usual].filter(Boolean).join(' ')
  const asked = outcome === 'interested' ? metadata.questions : []
  const answers = Object.fromEntries(
    asked.map((question, index) => [question, replies[index % replies.length] ?? 'Yes.']),
  )
  const spoken: [Speaker, string][] = [
    ...opening(outcome, greeting),
    ...asked.flatMap((question): [Speaker, string][] => [
      ['agent', question],
      ['callee', answers[question] ?? 'Yes.'],
    ]),
    ...(outcome === 'voicemail' ? afterTheTone(metadata) : closing(outcome)),
  ]
  const lines = spoken.map(([speaker, text], index) => ({ speaker, text, part: index / spoken.length }))
  return { lines, summary: outcome && summaries[outcome], answers }
}

const replies = ['Yes, that is right.', 'Around twenty of us.', 'Next month would suit me.', 'I would have to check.']

const summaries: Record<NonNullable<Conversation['outcome']>, string> = {
  interested: 'The callee is interested and answered the questions.',
  not_interested: 'The callee is not interested.',
  callback: 'The callee has no time now and asked to be called back.',
  do_not_call: 'The callee asked not to be called again.',
  voicemail: 'A mailbox answered.',
  wrong_number: 'The number belongs to somebody else.',
}

function opening(outcome: Conversation['outcome'], greeting: string): [Speaker, string][] {
  if (outcome === 'voicemail') {
    return [['callee', 'The person you are calling is not available. Please leave a message after the tone.']]
  }
  return [
    ['callee', 'Hello?'],
    ['agent', greeting],
  ]
}

function afterTheTone({ voicemail, voicemail_message: message }: JobMetadata): [Speaker, string][] {
  const own = voicemail === 'leave_message' ? message : ''
  return [['agent', own || 'Hello, we wanted to reach you and will try again. Goodbye.']]
}

function closing(outcome: Conversation['outcome']): [Speaker, string][] {
  switch (outcome) {
    case 'interested':
      return [
        ['callee', 'That sounds good, I am interested.'],
        ['agent', 'Wonderful, we will send you the details. Goodbye.'],
      ]
    case 'not_interested':
      return [
        ['callee', 'Thank you, but I am not interested.'],
        ['agent', 'I understand. Have a good day.'],
      ]
    case 'callback':
      return [
        ['callee', 'I am busy right now, please call me back later.'],
        ['agent', 'Of course, I will call you again then.'],
      ]
    case 'do_not_call':
      return [
        ['callee', 'Take me off your list and do not call me again.'],
        ['agent', 'I am sorry to have disturbed you. You will not be called again.'],
      ]
    case 'wrong_number':
      return [
        ['callee', 'You have the wrong number.'],
        ['agent', 'I am sorry for the mistake. Goodbye.'],
      ]
    default:
      return [['callee', 'One moment, please…']]
  }
}
