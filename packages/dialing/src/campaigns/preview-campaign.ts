import { inWorkspace, type Tx } from '@outdial/database/client'
import { assistants, trunks } from '@outdial/database/schema/assistants'
import { calls } from '@outdial/database/schema/calls'
import { campaignContacts, type campaigns } from '@outdial/database/schema/campaigns'
import { contacts, csvFiles, suppressions } from '@outdial/database/schema/contacts'
import type { CallingHours } from '@outdial/policy/calling-hours'
import { isOpen, localDay, nextOpening } from '@outdial/policy/calling-window'
import { describeLaw, firstBeyondLaw } from '@outdial/policy/lawful-hours'
import { readZoneKey, writeZoneKey } from '@outdial/policy/zone-key'
import { and, count, eq, sql, sum } from 'drizzle-orm'
import type { Deps, Who } from '../deps.ts'
import { InvalidInput } from '../refusals.ts'
import { callingHoursOf } from './campaign-settings.ts'
import { sourceOf } from './count-source.ts'
import { type Estimate, estimateFinish } from './estimate-finish.ts'
import { findUnfilled, type Unfilled } from './find-unfilled.ts'
import { type PreviewWarning, warnAbout } from './preview-warnings.ts'
import { findCampaign, settingsOf } from './read-campaigns.ts'
import { resolveTrunk } from './resolve-trunk.ts'

/** What a campaign would do if it were started now. */
export type CampaignPreview = {
  contacts: {
    /** In its list or file. */
    total: number
    /** Neither suppressed nor finished, and in a zone that its hours reach. */
    callable: number
    suppressed: number
    /** Done in an earlier run of the campaign. */
    finished: number
    /** Rows of its file or files that were no valid contacts. */
    invalid: number
    /** The hours never open where they live, or their zone is not known and such contacts are skipped. */
    unreachable: number
    /** Neither suppressed nor finished, and of unknown zone. */
    unknownTimezone: number
  }
  zones: ZonePreview[]
  trunk: { id: string; name: string } | null
  /** Placeholders of the prompts that some contacts have nothing for. */
  unfilled: Unfilled[]
  estimate: Estimate & { callsPerSecond: number; assumedCallSeconds: number }
  warnings: PreviewWarning[]
}

export type ZonePreview = {
  /** Several where the number leaves a choice, none where it is not known. */
  zones: string[]
  /** Codes of the calling-hour rules of the law there, such as US-FL. */
  rules: string[]
  /** The rules in words. */
  law: string[]
  contacts: number
  isOpen: boolean
  nextOpening: Date | null
  /** When the campaign's hours are open next and the law's are not; null where that is not within two weeks. */
  beyondLawAt: Date | null
}

/** What a call keeps a slot for where the number of calls at once is what limits the pace. */
const assumedCallSeconds = 60

/** Throws NotFound. */
export async function previewCampaign(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { campaignId }: { campaignId: string },
): Promise<CampaignPreview> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    const campaign = await findCampaign(tx, campaignId)
    const hours = callingHoursOf(settingsOf(campaign))
    const counted = await countContacts(tx, campaign)
    const zones = describeZones(counted.zones, { hours, now: who.now })
    const reachable = zones.filter((zone) => zone.nextOpening)
    const callable = addUp(reachable)
    const trunk = await findTrunk(tx, campaign)
    const callsPerSecond = paceOf(campaign, trunk)
    const estimate = estimateFinish({
      hours,
      callsByZone: new Map(reachable.map((zone) => [writeZoneKey(zone), zone.contacts])),
      callsPerSecond,
      dailyCap: campaign.dailyCap,
      dialedToday: await countToday(tx, campaign, who.now),
      now: who.now,
    })
    const unfilled = await findUnfilled(tx, { campaign, assistant: await findAssistant(tx, campaign) })
    const { total, suppressed, finished } = counted
    const unreachable = total - suppressed - finished - callable
    const unknownTimezone = addUp(zones.filter((zone) => zone.zones.length === 0))
    const invalid = await countInvalid(tx, campaign)
    const known = {
      contacts: { total, callable, suppressed, finished, invalid, unreachable, unknownTimezone },
      zones,
      trunk: trunk && { id: trunk.id, name: trunk.name },
      unfilled,
      estimate: { ...estimate, callsPerSecond, assumedCallSeconds },
    }
    return {
      ...known,
      warnings: warnAbout({ campaign, preview: known, trunk, importing: await countImporting(tx, campaign) }),
    }
  })
}

type CampaignRow = typeof campaigns.$inferSelect
type TrunkRow = typeof trunks.$inferSelect

async function countContacts(tx: Tx, campaign: CampaignRow) {
  const isSuppressed = sql<boolean>`exists (select from ${suppressions}
    where ${suppressions.workspaceId} = ${contacts.workspaceId} and ${suppressions.phoneNumber} = ${contacts.phoneNumber})`
  const isFinished = sql<boolean>`coalesce(${campaignContacts.state} = 'finished', false)`
  const rows = await tx
    .select({ zoneKey: contacts.zoneKey, isSuppressed, isFinished, count: count() })
    .from(contacts)
    .leftJoin(
      campaignContacts,
      and(eq(campaignContacts.campaignId, campaign.id), eq(campaignContacts.contactId, contacts.id)),
    )
    .where(sourceOf(campaign))
    .groupBy(sql`1, 2, 3`)
  const zones = new Map<string, number>()
  const sums = { total: 0, suppressed: 0, finished: 0 }
  for (const row of rows) {
    sums.total += row.count
    if (row.isFinished) sums.finished += row.count
    else if (row.isSuppressed) sums.suppressed += row.count
    else zones.set(row.zoneKey, (zones.get(row.zoneKey) ?? 0) + row.count)
  }
  return { ...sums, zones }
}

function describeZones(
  zones: ReadonlyMap<string, number>,
  { hours, now }: { hours: CallingHours; now: Date },
): CampaignPreview['zones'] {
  return [...zones]
    .map(([zoneKey, contacts]) => ({
      ...readZoneKey(zoneKey),
      law: describeLaw(zoneKey),
      contacts,
      isOpen: isOpen(hours, zoneKey, now),
      nextOpening: nextOpening(hours, zoneKey, now),
      beyondLawAt: firstBeyondLaw(hours, zoneKey, now),
    }))
    .toSorted((a, b) => b.contacts - a.contacts)
}

function addUp(zones: { contacts: number }[]): number {
  return zones.reduce((total, zone) => total + zone.contacts, 0)
}

/** Null where a start would be refused for want of one. */
async function findTrunk(tx: Tx, campaign: CampaignRow): Promise<TrunkRow | null> {
  try {
    const trunkId = await resolveTrunk(tx, campaign)
    const [trunk] = await tx.select().from(trunks).where(eq(trunks.id, trunkId))
    return trunk ?? null
  } catch (error) {
    if (error instanceof InvalidInput) return null
    throw error
  }
}

async function findAssistant(
  tx: Tx,
  { assistantId }: CampaignRow,
): Promise<typeof assistants.$inferSelect | undefined> {
  const [assistant] = await tx.select().from(assistants).where(eq(assistants.id, assistantId))
  return assistant
}

/** The tightest of all limits on its own pace; other campaigns on the trunk are not foreseen. */
function paceOf(campaign: CampaignRow, trunk: TrunkRow | null): number {
  const slots = Math.min(campaign.maxConcurrency ?? Number.POSITIVE_INFINITY, trunk?.maxConcurrency ?? 1)
  return Math.min(
    trunk?.callsPerSecond ?? 1,
    campaign.callsPerSecond ?? Number.POSITIVE_INFINITY,
    campaign.callDelayMs > 0 ? 1_000 / campaign.callDelayMs : Number.POSITIVE_INFINITY,
    slots / assumedCallSeconds,
  )
}

async function countToday(tx: Tx, campaign: CampaignRow, now: Date): Promise<number> {
  const [today] = await tx
    .select({ count: count() })
    .from(calls)
    .where(and(eq(calls.campaignId, campaign.id), eq(calls.dialDay, localDay(campaign.timezone, now))))
  return today?.count ?? 0
}

async function countInvalid(tx: Tx, campaign: CampaignRow): Promise<number> {
  const [files] = await tx
    .select({ invalid: sum(csvFiles.invalid).mapWith(Number) })
    .from(csvFiles)
    .where(filesOf(campaign))
  return files?.invalid ?? 0
}

async function countImporting(tx: Tx, campaign: CampaignRow): Promise<number> {
  const [files] = await tx
    .select({ count: count() })
    .from(csvFiles)
    .where(and(filesOf(campaign), eq(csvFiles.status, 'importing')))
  return files?.count ?? 0
}

function filesOf({ csvFileId, contactListId }: CampaignRow) {
  return csvFileId ? eq(csvFiles.id, csvFileId) : eq(csvFiles.contactListId, contactListId)
}
