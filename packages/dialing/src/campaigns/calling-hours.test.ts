import { campaignContacts, campaigns } from '@outdial/database/schema/campaigns'
import { eventLog } from '@outdial/database/schema/event-log'
import { and, asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { permitCall } from '../dial/permit.ts'
import {
  addCampaign,
  addContacts,
  addWorkspace,
  after,
  callsOf,
  contactsOf,
  noon,
  one,
  openWorld,
  permitAll,
  runtimeOf,
  start,
  tell,
  type World,
} from '../testing.ts'
import { patchCampaign } from './change-campaign.ts'
import { endRun } from './end-run.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** A running campaign with a contact in each of these zone keys. */
async function running(zoneKeys: string[], settings: Partial<typeof campaigns.$inferInsert> = {}) {
  const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const { workspaceId } = workspace.who
  const { campaignId, contactListId } = await addCampaign(world, workspace, { contacts: 0, settings })
  for (const [index, zoneKey] of zoneKeys.entries()) {
    await addContacts(world, { contactListId, workspaceId, zoneKey, numbers: [`+1555000000${index}`] })
  }
  await start(world, workspace, campaignId)
  return { campaignId, workspace, claim: (now: Date) => claimForLane(world.deps, { trunkId: workspace.trunkId, now }) }
}

/** The zone keys of those who were called so far, in order. */
async function called(campaignId: string): Promise<string[]> {
  const found = await world.db
    .select({ details: eventLog.details })
    .from(eventLog)
    .where(and(eq(eventLog.campaignId, campaignId), eq(eventLog.kind, 'claimed')))
  return found.map(({ details }) => String(details.zoneKey)).sort()
}

const later = (time: string) => new Date(`2026-03-0${time}Z`)

describe('the law of the place', () => {
  const places = ['US-FL@America/New_York', 'FR@Europe/Paris', 'UTC']

  it('holds calls back until it allows them, at the claim and at the permit', async () => {
    const { campaignId, claim } = await running(places)
    // Seven in Florida, one o'clock in Paris.
    const first = await claim(noon)
    expect(await called(campaignId)).toEqual(['UTC'])
    expect(first.nextWakeAt).toEqual(later('2T13:00:00'))
    await claim(later('2T13:00:00'))
    expect(await called(campaignId)).toEqual(places.toSorted())

    const evening = await running(['US-FL@America/New_York', 'US-FL@America/New_York'])
    await evening.claim(later('3T00:58:59'))
    const [inTime, tooLate] = await callsOf(world, evening)
    const permit = (callId: string | undefined, now: Date) => permitCall(world.deps, { callId: callId ?? '', now })
    expect(await permit(inTime?.id, later('3T00:58:59'))).toMatchObject({ kind: 'permitted' })
    expect(await permit(tooLate?.id, later('3T00:59:00'))).toMatchObject({ kind: 'refused', finish: null })
  })

  it('holds nobody back where it only warns', async () => {
    const { campaignId, claim } = await running(places, { jurisdictionRules: 'warn' })
    await claim(noon)
    expect(await called(campaignId)).toEqual(places.toSorted())
  })

  it('is written into the log with the holidays, as far as it is enforced', async () => {
    const settingsOf = async (settings: Partial<typeof campaigns.$inferInsert>) => {
      const { campaignId } = await running([], { holidayCalendar: ['DE', '2026-03-05'], ...settings })
      const [entry] = await world.db
        .select()
        .from(eventLog)
        .where(and(eq(eventLog.campaignId, campaignId), eq(eventLog.kind, 'campaign_started')))
      return one(entry).details.settings as Record<string, unknown>
    }
    expect(await settingsOf({})).toMatchObject({
      jurisdictionRules: 'enforce',
      unknownTimezone: 'campaign',
      holidayCalendar: ['DE', '2026-03-05'],
      closedDates: expect.arrayContaining(['2026-03-05', '2026-04-03', '2027-12-26']),
      law: {
        'US-FL': { weekdays: '08:00-20:00', saturday: '08:00-20:00', sunday: '08:00-20:00' },
        FR: { weekdays: '10:00-13:00,14:00-20:00', sunday: '', holiday: '' },
      },
    })
    expect(await settingsOf({ jurisdictionRules: 'warn' })).toMatchObject({ law: null })
  })
})

describe('holidays', () => {
  it('of a calendar are days without calls, where the contact lives', async () => {
    // 2 March is a holiday in Ethiopia; in Auckland it is the third already.
    const { campaignId, claim } = await running(['UTC', 'Pacific/Auckland'], { holidayCalendar: ['ET'] })
    const { nextWakeAt } = await claim(noon)
    expect(await called(campaignId)).toEqual(['Pacific/Auckland'])
    expect(nextWakeAt).toEqual(later('3T00:00:00'))
  })
})

describe('contacts of unknown zone', () => {
  it('are finished as such once nobody else is left to call, each with one end in the log', async () => {
    const { campaignId, claim } = await running(['', 'US@', 'UTC'], { unknownTimezone: 'skip' })
    await claim(noon)
    expect(await called(campaignId)).toEqual(['UTC'])
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsWaiting: 2, contactsClaimed: 1 })
    await claim(after(1_000))
    const [callId = ''] = await permitAll(world, campaignId, after(1_000))
    const at = after(5_000)
    await tell(world, callId, { kind: 'answered', at }, { kind: 'leg_left', at, reason: 'left', wasAnswered: true })
    await tell(world, callId, { kind: 'settle', at: after(600_000) })
    await claim(after(601_000))
    expect((await contactsOf(world, campaignId)).map((contact) => String(contact.finishReason)).sort()).toEqual([
      'completed',
      'unknown_time_zone',
      'unknown_time_zone',
    ])
    expect(await runtimeOf(world, campaignId)).toMatchObject({ status: 'completed', contactsFinished: 3 })
    const ends = await world.db
      .select()
      .from(eventLog)
      .where(and(eq(eventLog.campaignId, campaignId), eq(eventLog.kind, 'finished')))
      .orderBy(asc(eventLog.id))
    expect(ends.map((entry) => entry.details.reason)).toEqual(['unknown_time_zone', 'unknown_time_zone', 'completed'])
    expect(new Set(ends.map((entry) => entry.contactId)).size).toBe(3)
  })

  it('are called after all when the campaign changes its mind while they wait', async () => {
    // Five in the morning in Los Angeles: the campaign has somebody to wait for.
    const hours = { startHour: 9, endHour: 17 }
    const zoneKeys = ['', 'America/Los_Angeles']
    const { campaignId, claim, workspace } = await running(zoneKeys, { ...hours, unknownTimezone: 'skip' })
    await claim(noon)
    expect(await called(campaignId)).toEqual([])
    await patchCampaign(world.apiDeps, workspace.who, { campaignId, patch: { unknownTimezone: 'campaign' } })
    await claim(noon)
    expect(await called(campaignId)).toEqual([''])
  })

  it('go, and nobody who was put back a moment ago goes with them', async () => {
    const { campaignId } = await running(['', 'UTC', 'FR@Europe/Paris'], {
      unknownTimezone: 'skip',
      endAt: after(60_000),
    })
    const dueAfterTheEnd = { dueAt: after(120_000) }
    await world.db
      .update(campaignContacts)
      .set(dueAfterTheEnd)
      .where(and(eq(campaignContacts.campaignId, campaignId), eq(campaignContacts.zoneKey, 'FR@Europe/Paris')))
    const [campaign] = await world.db.select().from(campaigns).where(eq(campaigns.id, campaignId))
    await world.db.transaction((tx) => endRun(tx, { campaign: one(campaign), now: noon, neverAgain: true }))
    const ends = (await contactsOf(world, campaignId)).map(({ zoneKey, finishReason }) => [zoneKey, finishReason])
    expect(Object.fromEntries(ends)).toEqual({
      '': 'unknown_time_zone',
      UTC: null,
      'FR@Europe/Paris': 'campaign_ended',
    })
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsWaiting: 1, contactsFinished: 2 })
  })
})
