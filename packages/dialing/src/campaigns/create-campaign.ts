import { inWorkspace, type Tx } from '@outdial/database/client'
import { assistants, trunks } from '@outdial/database/schema/assistants'
import { campaigns } from '@outdial/database/schema/campaigns'
import { contactLists, csvFiles } from '@outdial/database/schema/contacts'
import { and, eq, isNull } from 'drizzle-orm'
import { writeAudit } from '../audit.ts'
import type { Deps, Who } from '../deps.ts'
import { checkRecording } from '../recordings/check-recording.ts'
import { InvalidInput, type WrongField } from '../refusals.ts'
import { type CampaignInput, type CampaignSettings, withHours } from './campaign-settings.ts'
import { checkPredialUrl } from './predial-url.ts'
import { type Campaign, findCampaign, toCampaign } from './read-campaigns.ts'

/** Makes a campaign that calls nobody yet. Throws InvalidInput when it names something that is not in the workspace. */
export async function createCampaign(
  deps: Pick<Deps, 'db' | 'allowPrivateNotices' | 'recorder'>,
  who: Who,
  input: CampaignInput,
): Promise<Campaign> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const settings = withHours(input)
    checkPredialUrl(deps, settings.predialUrl)
    checkRecording(deps, settings.recording)
    const contactListId = await resolveReferences(tx, settings)
    const [row] = await tx
      .insert(campaigns)
      .values({
        ...settings,
        id: who.newId,
        workspaceId: who.workspaceId,
        contactListId,
        createdAt: who.now,
        updatedAt: who.now,
      })
      .onConflictDoNothing({ target: campaigns.id })
      .returning()
    // A repeat after a crash finds what the first try made.
    if (!row) return toCampaign(await findCampaign(tx, who.newId ?? ''))
    await writeAudit(tx, who, { action: 'campaign.created', entity: 'campaign', entityId: row.id })
    return toCampaign(row)
  })
}

/** Checks that everything named exists, and returns the list whose contacts are called: a file's own one for a file. */
export async function resolveReferences(tx: Tx, settings: CampaignSettings): Promise<string> {
  const wrong: WrongField[] = []
  const missing = (field: string, what: string) => {
    wrong.push({ field, code: 'unknown_reference', message: `there is no such ${what} in this workspace` })
  }

  const found = await tx
    .select({ id: assistants.id })
    .from(assistants)
    .where(and(eq(assistants.id, settings.assistantId), isNull(assistants.archivedAt)))
  if (found.length === 0) missing('assistantId', 'assistant')

  if (settings.trunkId) {
    const trunk = await tx
      .select({ id: trunks.id })
      .from(trunks)
      .where(and(eq(trunks.id, settings.trunkId), isNull(trunks.archivedAt)))
    if (trunk.length === 0) missing('trunkId', 'trunk')
  }

  const contactListId = await sourceList(tx, settings)
  if (!contactListId) {
    if (settings.contactSource === 'csv_file') missing('csvFileId', 'CSV file')
    else missing('contactListId', 'contact list')
  }
  if (!contactListId || wrong.length > 0) throw new InvalidInput(wrong)
  return contactListId
}

async function sourceList(tx: Tx, { csvFileId, contactListId }: CampaignSettings): Promise<string | undefined> {
  if (csvFileId) {
    const [file] = await tx.select().from(csvFiles).where(eq(csvFiles.id, csvFileId))
    return file?.contactListId
  }
  if (!contactListId) return undefined
  const [list] = await tx
    .select()
    .from(contactLists)
    .where(and(eq(contactLists.id, contactListId), isNull(contactLists.archivedAt)))
  return list?.id
}
