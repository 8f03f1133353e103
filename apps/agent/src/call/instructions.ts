import type { Call } from './call.ts'

/** What the model is told before the conversation. The rest of it is in the descriptions of its tools. */
export function instructionsFor({ brief, canTransfer }: Pick<Call, 'brief' | 'canTransfer'>): string {
  const parts = [
    brief.prompt,
    brief.questions.length > 0 &&
      `Ask these questions in this order, one at a time, and save each answer before you ask the next:\n${listOf(brief.questions)}`,
    'You are on the telephone. Speak in short sentences, without lists, symbols or stage directions.',
    brief.aiDisclosure
      ? 'The person was told that you are an AI. Never deny it.'
      : 'If you are asked whether you are an AI or a person, say that you are an AI.',
    'If the person does not want to be called again, use do_not_call at once, before you say anything else.',
    'A text such as "(pressed 2)" is a key of the telephone.',
    canTransfer && 'If the person wants to talk to a human, use transfer_call.',
    'Before you say goodbye, use record_outcome. When the conversation is over, say goodbye and use end_call.',
  ]
  return parts.filter(Boolean).join('\n\n')
}

const listOf = (questions: string[]) => questions.map((question, index) => `${index + 1}. ${question}`).join('\n')
