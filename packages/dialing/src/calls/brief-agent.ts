import type { assistants } from '@outdial/database/schema/assistants'
import type { calls } from '@outdial/database/schema/calls'
import type { campaigns } from '@outdial/database/schema/campaigns'
import type { contacts } from '@outdial/database/schema/contacts'
import { promptFiller } from '@outdial/policy/prompt'

type Assistant = Pick<typeof assistants.$inferSelect, 'name' | 'prompt' | 'greeting' | 'aiDisclosure' | 'questions'>
type Campaign = Pick<
  typeof campaigns.$inferSelect,
  'name' | 'campaignPrompt' | 'questions' | 'metadata' | 'placeholderDefaults' | 'aiDisclosure' | 'voicemailMessage'
>
type Contact = Pick<typeof contacts.$inferSelect, 'name' | 'phoneNumber' | 'externalId' | 'variables'>
type Call = Pick<typeof calls.$inferSelect, 'contactName' | 'phoneNumber' | 'metadata'>

/** Who speaks to whom about what. Before there is a call, its contact stands for it; some calls have no assistant. */
export type Subject = {
  assistant: Assistant | null
  campaign: Campaign | null
  contact: Contact | null
  call: Call | null
}

/** What an agent is to say, with every placeholder filled; `missing` are those that had no value. */
export type Briefing = {
  prompt: string
  greeting: string
  /** How it says that it is an AI, before all else; empty where nobody asked for that. */
  aiDisclosure: string
  questions: string[]
  voicemailMessage: string
  missing: string[]
}

/** Fills what the agent is to say. The same for the dispatch of a call and for people who look at it before. */
export function briefAgent(subject: Subject): Briefing {
  const fill = promptFiller(valuesOf(subject), subject.campaign?.placeholderDefaults)
  const missing = new Set<string>()
  const say = (template: string) => {
    const filled = fill(template)
    for (const name of filled.missing) missing.add(name)
    return filled.text
  }
  const { prompt, greeting, aiDisclosure, questions, voicemailMessage } = templatesOf(subject)
  const told = { prompt: say(prompt), greeting: say(greeting), questions: questions.map(say) }
  const fixed = { aiDisclosure: say(aiDisclosure), voicemailMessage: say(voicemailMessage) }
  return { ...told, ...fixed, missing: [...missing] }
}

/** What there is to say, before it is filled. */
export function templatesOf({ assistant, campaign, call }: Omit<Subject, 'contact'>): Omit<Briefing, 'missing'> {
  return {
    prompt: [assistant?.prompt, campaign?.campaignPrompt].filter(Boolean).join('\n\n'),
    greeting: assistant?.greeting ?? '',
    aiDisclosure: campaign?.aiDisclosure || (assistant?.aiDisclosure ?? ''),
    questions: questionsOf({ assistant, campaign, call }),
    voicemailMessage: campaign?.voicemailMessage ?? '',
  }
}

/** What is asked: the call's own questions, else the campaign's, else the assistant's. */
export function questionsOf(subject: {
  assistant: Pick<Assistant, 'questions'> | null
  campaign: Pick<Campaign, 'questions'> | null
  call: Pick<Call, 'metadata'> | null
}): string[] {
  const lists = [textsOf(subject.call?.metadata.questions), subject.campaign?.questions, subject.assistant?.questions]
  return lists.find((list) => list && list.length > 0) ?? []
}

/** Where placeholders are filled from, the most special first: a contact's own columns win over the campaign's metadata. */
export function valuesOf({ assistant, campaign, contact, call }: Subject): Record<string, unknown>[] {
  const name = call?.contactName ?? contact?.name
  const number = call?.phoneNumber ?? contact?.phoneNumber
  const person = { name, phone_number: number, external_id: contact?.externalId }
  const otherWords = { contact_name: name, recipient_name: name, phone: number, to_number: number }
  const occasion = { assistant_name: assistant?.name, campaign_name: campaign?.name }
  const metadata = [plain(call?.metadata), plain(campaign?.metadata)]
  const variables = [plain(call?.metadata.variables), contact?.variables ?? {}]
  return [...variables, person, ...metadata, { ...otherWords, ...occasion }]
}

/** The contact's own columns, and over them what its call was given, as by the answer of a pre-dial address. */
export function variablesOf({ contact, call }: Pick<Subject, 'contact' | 'call'>): Record<string, unknown> {
  const given = call?.metadata.variables
  return given ? { ...contact?.variables, ...plain(given) } : (contact?.variables ?? {})
}

/** Objects and lists are for programs: nobody says them. */
function plain(metadata: unknown): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(metadata ?? {}).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value)),
  )
}

function textsOf(value: unknown): string[] {
  const list = Array.isArray(value) ? value : [value]
  return list.filter((each) => typeof each === 'string').flatMap((text) => (text.trim() ? [text.trim()] : []))
}
