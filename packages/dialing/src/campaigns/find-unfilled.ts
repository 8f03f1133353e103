import type { Tx } from '@outdial/database/client'
import type { assistants } from '@outdial/database/schema/assistants'
import type { campaigns } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import { placeholdersOf, promptFiller } from '@outdial/policy/prompt'
import { and, asc, gt } from 'drizzle-orm'
import { templatesOf, valuesOf } from '../calls/brief-agent.ts'
import { sourceOf } from './count-source.ts'

/** A placeholder that some contacts have nothing for. */
export type Unfilled = {
  placeholder: string
  contacts: number
  /** How many contacts were looked at: all, or of a large list the first ones. */
  examined: number
  /** What stands in for it; null when it is left empty. */
  default: string | null
}

const examinedMax = 20_000
const perRead = 2_000

/** Fills the prompts for the contacts one by one, as dialing would, and counts what stays empty. */
export async function findUnfilled(
  tx: Tx,
  {
    campaign,
    assistant,
  }: {
    campaign: typeof campaigns.$inferSelect
    assistant: typeof assistants.$inferSelect | undefined
  },
): Promise<Unfilled[]> {
  if (!assistant) return []
  const { prompt, greeting, aiDisclosure, questions, voicemailMessage } = templatesOf({
    assistant,
    campaign,
    call: null,
  })
  const placeholders = placeholdersOf([prompt, greeting, aiDisclosure, ...questions, voicemailMessage].join('\n'))
  if (placeholders.length === 0) return []
  // Filling this instead of the prompts costs the same for a prompt of one line and of a hundred.
  const template = placeholders.map((placeholder) => `{{${placeholder}}}`).join('')
  const missing = new Map<string, number>()
  let examined = 0
  for (let after: string | undefined; examined < examinedMax; ) {
    const rows = await tx
      .select()
      .from(contacts)
      .where(and(sourceOf(campaign), after ? gt(contacts.id, after) : undefined))
      .orderBy(asc(contacts.id))
      .limit(perRead)
    for (const contact of rows) {
      const fill = promptFiller(valuesOf({ assistant, campaign, contact, call: null }))
      for (const name of fill(template).missing) {
        missing.set(name, (missing.get(name) ?? 0) + 1)
      }
    }
    examined += rows.length
    after = rows.at(-1)?.id
    if (rows.length < perRead) break
  }
  return [...missing].map(([placeholder, count]) => {
    const { text } = promptFiller([], campaign.placeholderDefaults)(`{{${placeholder}}}`)
    return { placeholder, contacts: count, examined, default: text === '' ? null : text }
  })
}
