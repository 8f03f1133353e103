import type { Tx } from '@outdial/database/client'
import { assistants } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaigns } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import { answerSorter } from '@outdial/policy/answers'
import { eq } from 'drizzle-orm'
import { briefAgent, questionsOf } from './brief-agent.ts'

/** A question as it was asked, and what was answered; null where nothing was. */
export type AskedQuestion = { question: string; answer: string | null }

/**
 * The questions of a call with their answers. They are those of its assistant and campaign as these are now: an answer to
 * a question that was changed since is found among the call's `answers` only.
 */
export async function askedQuestions(tx: Tx, callId: string): Promise<AskedQuestion[]> {
  const [subject] = await tx
    .select({ call: calls, assistant: assistants, campaign: campaigns, contact: contacts })
    .from(calls)
    .leftJoin(assistants, eq(assistants.id, calls.assistantId))
    .leftJoin(campaigns, eq(campaigns.id, calls.campaignId))
    .leftJoin(contacts, eq(contacts.id, calls.contactId))
    .where(eq(calls.id, callId))
  if (!subject) return []
  const asked = briefAgent(subject).questions
  const byTemplate = answerSorter(questionsOf(subject))(subject.call.answers ?? {})
  const byWording = answerSorter(asked)(byTemplate.others)
  return asked.map((question, i) => ({ question, answer: byTemplate.answers[i] || byWording.answers[i] || null }))
}
