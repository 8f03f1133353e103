import type { Tx } from '@outdial/database/client'
import type { campaigns } from '@outdial/database/schema/campaigns'
import { contacts } from '@outdial/database/schema/contacts'
import { and, count, eq } from 'drizzle-orm'

/** The contacts that a campaign is for: a list, or what one file brought into it. */
export function sourceOf(campaign: Pick<typeof campaigns.$inferSelect, 'contactListId' | 'csvFileId'>) {
  return and(
    eq(contacts.contactListId, campaign.contactListId),
    campaign.csvFileId ? eq(contacts.csvFileId, campaign.csvFileId) : undefined,
  )
}

export async function countSource(
  tx: Tx,
  campaign: Pick<typeof campaigns.$inferSelect, 'contactListId' | 'csvFileId'>,
): Promise<number> {
  const [found] = await tx.select({ count: count() }).from(contacts).where(sourceOf(campaign))
  return found?.count ?? 0
}
