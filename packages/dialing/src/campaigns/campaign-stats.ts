import { inWorkspace, type Tx } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { campaignContacts } from '@outdial/database/schema/campaigns'
import {
  type CallStatus,
  callStatuses,
  type Disposition,
  dispositions,
  type FinishReason,
  finishReasons,
  type Outcome,
  outcomes,
} from '@outdial/policy/states'
import { and, asc, count, eq, isNotNull, max, min, sql } from 'drizzle-orm'
import type { Deps, Who } from '../deps.ts'
import { findCampaign } from './read-campaigns.ts'

/** What came of a campaign so far. */
export type CampaignStats = {
  calls: {
    total: number
    byStatus: Record<CallStatus, number>
    /** Of the calls that have ended. */
    byDisposition: Record<Disposition, number>
    byOutcome: Record<Outcome, number>
  }
  /** Why contacts need no further call. */
  finishedContacts: { total: number; byReason: Record<FinishReason, number> }
  reached: {
    answered: number
    /** Of the calls that have ended and counted as an attempt, 0 to 1; null before the first one. */
    answerRate: number | null
    talkSeconds: number
    averageTalkSeconds: number | null
  }
  firstCallAt: Date | null
  lastCallAt: Date | null
  /** By local day of the campaign. */
  days: { day: string; dialed: number; answered: number }[]
}

/** Throws NotFound. */
export async function readCampaignStats(
  deps: Pick<Deps, 'db'>,
  who: Who,
  { campaignId }: { campaignId: string },
): Promise<CampaignStats> {
  return inWorkspace(deps.db, who.workspaceId, async (tx) => {
    await findCampaign(tx, campaignId)
    const results = await countResults(tx, campaignId)
    return {
      ...results,
      finishedContacts: await countFinished(tx, campaignId),
      ...(await readTimes(tx, campaignId)),
      days: await readDays(tx, campaignId),
    }
  })
}

async function countResults(tx: Tx, campaignId: string): Promise<Pick<CampaignStats, 'calls'>> {
  const rows = await tx
    .select({ status: calls.status, disposition: calls.disposition, outcome: calls.outcome, count: count() })
    .from(calls)
    .where(eq(calls.campaignId, campaignId))
    .groupBy(calls.status, calls.disposition, calls.outcome)
  return {
    calls: {
      total: rows.reduce((sum, row) => sum + row.count, 0),
      byStatus: addUp(callStatuses, { rows, nameOf: (row) => row.status }),
      byDisposition: addUp(dispositions, { rows, nameOf: (row) => row.disposition }),
      byOutcome: addUp(outcomes, { rows, nameOf: (row) => row.outcome }),
    },
  }
}

async function countFinished(tx: Tx, campaignId: string): Promise<CampaignStats['finishedContacts']> {
  const rows = await tx
    .select({ reason: campaignContacts.finishReason, count: count() })
    .from(campaignContacts)
    .where(and(eq(campaignContacts.campaignId, campaignId), eq(campaignContacts.state, 'finished')))
    .groupBy(campaignContacts.finishReason)
  return {
    total: rows.reduce((sum, row) => sum + row.count, 0),
    byReason: addUp(finishReasons, { rows, nameOf: (row) => row.reason }),
  }
}

async function readTimes(
  tx: Tx,
  campaignId: string,
): Promise<Pick<CampaignStats, 'reached' | 'firstCallAt' | 'lastCallAt'>> {
  const talked = sql`extract(epoch from ${calls.endedAt} - ${calls.answeredAt})`
  const [row] = await tx
    .select({
      answered: count(calls.answeredAt),
      answeredAndEnded: count(talked),
      attempts: sql<number>`count(*) filter (where ${calls.burned} and ${calls.endedAt} is not null)::int`,
      talkSeconds: sql<number>`coalesce(sum(${talked}), 0)::float8`,
      firstCallAt: min(calls.permittedAt),
      lastCallAt: max(calls.permittedAt),
    })
    .from(calls)
    .where(eq(calls.campaignId, campaignId))
  const { answered = 0, answeredAndEnded = 0, attempts = 0, talkSeconds = 0 } = row ?? {}
  return {
    reached: {
      answered,
      answerRate: attempts > 0 ? round(answeredAndEnded / attempts, 4) : null,
      talkSeconds: round(talkSeconds, 1),
      averageTalkSeconds: answeredAndEnded > 0 ? round(talkSeconds / answeredAndEnded, 1) : null,
    },
    firstCallAt: row?.firstCallAt ?? null,
    lastCallAt: row?.lastCallAt ?? null,
  }
}

async function readDays(tx: Tx, campaignId: string): Promise<CampaignStats['days']> {
  const rows = await tx
    .select({ day: calls.dialDay, dialed: count(), answered: count(calls.answeredAt) })
    .from(calls)
    .where(and(eq(calls.campaignId, campaignId), isNotNull(calls.dialDay)))
    .groupBy(calls.dialDay)
    .orderBy(asc(calls.dialDay))
  return rows.map(({ day, ...rest }) => ({ day: day ?? '', ...rest }))
}

/** Every name with its count, also those that did not occur. */
function addUp<Name extends string, Row extends { count: number }>(
  names: readonly Name[],
  { rows, nameOf }: { rows: Row[]; nameOf: (row: Row) => Name | null },
): Record<Name, number> {
  const sums = Object.fromEntries(names.map((each) => [each, 0])) as Record<Name, number>
  for (const row of rows) {
    const found = nameOf(row)
    if (found) sums[found] += row.count
  }
  return sums
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
