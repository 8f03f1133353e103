import { inWorkspace, type Tx } from '@outdial/database/client'
import { campaigns } from '@outdial/database/schema/campaigns'
import type { Retry } from '@outdial/policy/retry'
import { campaignStatuses } from '@outdial/policy/states'
import { and, desc, eq, isNull, lt } from 'drizzle-orm'
import { z } from 'zod'
import type { Deps, Who } from '../deps.ts'
import { type Page, pageInput, toPage } from '../page.ts'
import { NotFound } from '../refusals.ts'
import type { CampaignSettings } from './campaign-settings.ts'

type CampaignRow = typeof campaigns.$inferSelect

/** A campaign as its users see it: what they set, and where it stands. */
export type Campaign = Omit<CampaignRow, 'workspaceId' | 'archivedAt' | 'retry'> & { retry: Retry }

export const listCampaignsInput = pageInput.extend({ status: z.enum(campaignStatuses).optional() })

export async function listCampaigns(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { limit, cursor, status }: z.infer<typeof listCampaignsInput>,
): Promise<Page<Campaign>> {
  const rows = await inWorkspace(deps.db, who.workspaceId, (tx) =>
    tx
      .select()
      .from(campaigns)
      .where(
        and(
          eq(campaigns.workspaceId, who.workspaceId),
          isNull(campaigns.archivedAt),
          status ? eq(campaigns.executionStatus, status) : undefined,
          cursor ? lt(campaigns.id, cursor) : undefined,
        ),
      )
      .orderBy(desc(campaigns.id))
      .limit(limit + 1),
  )
  return toPage(rows.map(toCampaign), limit)
}

/** Throws NotFound; a deleted campaign counts as not there, its calls stay in the history. */
export async function readCampaign(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { campaignId }: { campaignId: string },
): Promise<Campaign> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => toCampaign(await findCampaign(tx, campaignId)))
}

/** The row, for verbs that go on in the same transaction. Throws NotFound. */
export async function findCampaign(tx: Tx, campaignId: string): Promise<CampaignRow> {
  const [campaign] = await tx
    .select()
    .from(campaigns)
    .where(and(eq(campaigns.id, campaignId), isNull(campaigns.archivedAt)))
  if (!campaign) throw new NotFound('campaign', campaignId)
  return campaign
}

export function toCampaign(row: CampaignRow): Campaign {
  const { workspaceId: _, archivedAt: __, ...campaign } = row
  return campaign
}

/** What people set on it, as they would send it again. */
export function settingsOf(row: CampaignRow): CampaignSettings {
  const {
    id: _id,
    workspaceId: _workspaceId,
    executionStatus: _executionStatus,
    errorCode: _errorCode,
    errorReason: _errorReason,
    startedAt: _startedAt,
    pausedAt: _pausedAt,
    stoppedAt: _stoppedAt,
    completedAt: _completedAt,
    createdAt: _createdAt,
    updatedAt: _updatedAt,
    archivedAt: _archivedAt,
    ...settings
  } = row
  return {
    ...settings,
    // The list that a file filled is ours to remember, not theirs to set.
    contactListId: row.csvFileId ? null : row.contactListId,
  }
}
