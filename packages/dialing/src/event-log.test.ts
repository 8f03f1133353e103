import { eventLog } from '@outdial/database/schema/event-log'
import type { Signal } from '@outdial/policy/signal'
import { and, asc, eq, inArray, sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hangUpCall } from './calls/hang-up-call.ts'
import { setOutcome } from './calls/set-outcome.ts'
import { patchCampaign } from './campaigns/change-campaign.ts'
import { pauseCampaign, resumeCampaign } from './campaigns/lifecycle.ts'
import { claimForLane } from './claim/claim-for-lane.ts'
import { addContacts } from './contacts/contacts.ts'
import { addSuppression, removeSuppression } from './contacts/suppressions.ts'
import {
  addCampaign,
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
  type Workspace,
  type World,
} from './testing.ts'
import { changeTrunk } from './trunks/trunks.ts'
import { changeWorkspace } from './workspaces/workspaces.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

const minuteMs = 60_000
const whoAt = (workspace: Workspace, now: Date) => ({ ...workspace.who, now })
const kindsOf = (entries: { kind: string }[]) => entries.map((entry) => entry.kind)

const logOf = (workspaceId: string) =>
  world.db.select().from(eventLog).where(eq(eventLog.workspaceId, workspaceId)).orderBy(asc(eventLog.id))

type Refusal = Extract<Signal, { kind: 'dial_failed' }>

const refusal = (disposition: Refusal['disposition'], at: Date): Refusal => ({
  kind: 'dial_failed',
  at,
  disposition,
  reached: true,
  burnsAttempt: true,
  effect: 'none',
  fault: 'callee',
  reason: disposition,
})

/** How each number of the run behaves; whoever is not named here is talked to. */
const behaviours: Record<string, (at: Date) => Signal[]> = {
  '+15550000001': (at) => [refusal('busy', at)],
  '+15550000002': (at) => [refusal('invalid_number', at)],
  '+15550000006': (at) => [refusal('no_answer', at)],
  '+15550000003': (at) => [
    { kind: 'answered', at },
    { kind: 'agent_report', at, outcome: 'do_not_call' },
    { kind: 'leg_left', at, reason: 'left', wasAnswered: true },
  ],
}
const talk = (at: Date): Signal[] => [
  { kind: 'answered', at },
  { kind: 'agent_report', at, outcome: 'interested' },
  { kind: 'leg_left', at, reason: 'left', wasAnswered: true },
]

/** Ticks once a minute, dials all that was claimed, and lets every call end as its number does. */
async function runMinutes(workspace: Workspace, run: { campaignId: string; from: Date; minutes: number }) {
  for (let minute = 0; minute < run.minutes; minute++) {
    const now = after(minute * minuteMs, run.from)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now })
    const permitted = await permitAll(world, run.campaignId, now)
    const calls = (await callsOf(world, { campaignId: run.campaignId })).filter((call) => permitted.includes(call.id))
    for (const call of calls) {
      const at = after(5_000, now)
      await tell(world, call.id, ...(behaviours[call.phoneNumber] ?? talk)(at))
    }
  }
}

describe('the log of a whole run', () => {
  it('has exactly one end for every contact, however it came to it', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
    const { who } = workspace
    const numbers = Array.from({ length: 7 }, (_, i) => `+1555000000${i}`)
    const { campaignId, contactListId } = await addCampaign(world, workspace, {
      contacts: numbers,
      settings: {
        retry: {
          busy: { attempts: 2, delaySeconds: 120, backoff: 'fixed' },
          no_answer: { attempts: 2, delaySeconds: 7_200, backoff: 'fixed' },
        },
      },
    })
    await addSuppression(world.apiDeps, who, { phoneNumber: '+15550000004', reason: '' })
    await start(world, workspace, campaignId)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    const unwanted = (await callsOf(world, { campaignId })).find((call) => call.phoneNumber === '+15550000005')
    await hangUpCall(world.apiDeps, who, { callId: one(unwanted).id })
    await runMinutes(workspace, { campaignId, from: noon, minutes: 6 })
    await pauseCampaign(world.apiDeps, whoAt(workspace, after(7 * minuteMs)), { campaignId })
    const contacts = [{ phoneNumber: '+14155550123' }]
    await addContacts(world.apiDeps, whoAt(workspace, after(8 * minuteMs)), { contactListId, contacts })
    const patch = { endAt: after(60 * minuteMs) }
    await patchCampaign(world.apiDeps, whoAt(workspace, after(9 * minuteMs)), { campaignId, patch })
    await resumeCampaign(world.apiDeps, whoAt(workspace, after(90 * minuteMs)), { campaignId })
    await runMinutes(workspace, { campaignId, from: after(90 * minuteMs), minutes: 3 })

    expect((await runtimeOf(world, campaignId)).status).toBe('completed')
    const entries = await logOf(who.workspaceId)
    const contactsNow = await contactsOf(world, campaignId)
    const ends = entries.filter((entry) => entry.kind === 'finished')
    expect(ends.map(({ contactId, details }) => `${contactId} ${String(details.reason)}`).toSorted(byText)).toEqual(
      contactsNow.map((contact) => `${contact.contactId} ${contact.finishReason}`).toSorted(byText),
    )
    expect(new Set(contactsNow.map((contact) => contact.finishReason))).toEqual(
      new Set(['completed', 'exhausted', 'not_retried', 'suppressed', 'canceled', 'campaign_ended']),
    )
    const ofCampaign = entries.filter((entry) => entry.campaignId === campaignId && entry.contactId === null)
    expect(kindsOf(ofCampaign).filter((kind) => kind !== 'deferred')).toEqual([
      'campaign_started',
      'contacts_added',
      'campaign_paused',
      'contacts_added',
      'campaign_changed',
      'campaign_resumed',
      'campaign_completed',
    ])
    const calls = await callsOf(world, { campaignId })
    for (const call of calls) {
      const kinds = kindsOf(entries.filter((entry) => entry.callId === call.id))
      expect(kinds.slice(0, 2)).toEqual(call.permittedAt ? ['claimed', 'permitted'] : ['claimed', 'released'])
    }
    const busy = one(calls.find((call) => call.phoneNumber === '+15550000001'))
    const story = entries.filter((entry) => entry.contactId === busy.contactId)
    const attempt = ['claimed', 'permitted', 'applied']
    expect(kindsOf(story)).toEqual([...attempt, 'retried', ...attempt, 'finished'])
    expect(story[3]?.details).toMatchObject({ disposition: 'busy', outcome: null, burned: true })
    expect(story.at(-1)?.details).toEqual({ reason: 'exhausted', disposition: 'busy', outcome: null })
  })

  it('says when a callback that was arranged afterwards takes a finished contact up again', async () => {
    const workspace = await addWorkspace(world)
    const { campaignId } = await addCampaign(world, workspace, { contacts: ['+15550000010', '+15550000011'] })
    await start(world, workspace, campaignId)
    await runMinutes(workspace, { campaignId, from: noon, minutes: 1 })
    const [call] = await callsOf(world, { campaignId })
    const callbackAt = after(120 * minuteMs)
    await setOutcome(world.apiDeps, whoAt(workspace, after(minuteMs)), {
      callId: one(call).id,
      outcome: 'callback',
      callbackAt,
    })
    const entries = await logOf(workspace.who.workspaceId)
    const story = entries.filter((entry) => entry.contactId === one(call).contactId)
    expect(kindsOf(story).slice(-3)).toEqual(['finished', 'applied', 'retried'])
    expect(story.at(-1)?.details).toMatchObject({ dueAt: callbackAt.toISOString(), wasFinished: true })
  })
})

describe('what people change', () => {
  it('is logged with all the settings that hold from then on', async () => {
    const workspace = await addWorkspace(world)
    const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
    await start(world, workspace, campaignId)
    const patch = { dailyCap: 7, startHour: 9, endHour: 17 }
    await patchCampaign(world.apiDeps, workspace.who, { campaignId, patch })
    const entries = await logOf(workspace.who.workspaceId)
    const [started, changed] = entries.filter((entry) => /campaign_(started|changed)/.test(entry.kind))
    expect(started).toMatchObject({ at: noon, trunkId: workspace.trunkId, details: { trunkId: workspace.trunkId } })
    const settings = one(started).details.settings as Record<string, unknown>
    expect(settings).toMatchObject({ timezone: 'UTC', dailyCap: null, maxAttemptsPerContact: 3, retry: {} })
    expect(Object.keys(settings)).not.toContain('campaignPrompt')
    expect(changed?.details.settings).toEqual({ ...settings, ...patch })
  })

  it('is logged for numbers, trunks and workspaces', async () => {
    const workspace = await addWorkspace(world)
    const { who, trunkId } = workspace
    const phoneNumber = '+15550000099'
    const { id: suppressionId } = await addSuppression(world.apiDeps, who, { phoneNumber, reason: '' })
    await addSuppression(world.apiDeps, who, { phoneNumber, reason: 'again' })
    await removeSuppression(world.apiDeps, who, { suppressionId })
    await changeTrunk(world.apiDeps, who, { trunkId, changes: { callsPerSecond: 3 } })
    await changeWorkspace(world.apiDeps, who, { attemptLimit: null })
    const entries = await logOf(who.workspaceId)
    expect(entries.map(({ kind, details }) => [kind, details])).toEqual([
      ['number_suppressed', { phoneNumber, source: 'api' }],
      ['number_unsuppressed', { phoneNumber }],
      ['trunk_changed', { livekitTrunkId: 'ST_test', callsPerSecond: 3, maxConcurrency: 10, rampUpSeconds: 0 }],
      ['workspace_changed', { attemptLimit: null }],
    ])
  })

  it('says of a call that ended whether it counts as an attempt', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 100 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 2 })
    await start(world, workspace, campaignId)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    const [busy, tooMany] = await permitAll(world, campaignId, noon)
    await tell(world, one(busy), refusal('busy', noon))
    await tell(world, one(tooMany), { ...refusal('trunk_error', noon), burnsAttempt: false })
    const entries = await logOf(workspace.who.workspaceId)
    const burned = entries.flatMap(({ kind, callId, details }) =>
      kind === 'applied' ? [[callId, details.burned]] : [],
    )
    expect(burned).toEqual([
      [busy, true],
      [tooMany, false],
    ])
  })

  it('slows a lane once, and says until when', async () => {
    const workspace = await addWorkspace(world, { callsPerSecond: 100 })
    const { campaignId } = await addCampaign(world, workspace, { contacts: 3 })
    await start(world, workspace, campaignId)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    const tooMany = { ...refusal('trunk_error', noon), burnsAttempt: false, reason: 'Too many' }
    for (const callId of await permitAll(world, campaignId, noon)) {
      await tell(world, callId, { ...tooMany, effect: 'slow_lane' })
    }
    const slowed = (await logOf(workspace.who.workspaceId)).filter((entry) => entry.kind === 'lane_slowed')
    expect(slowed.map(({ trunkId, details }) => [trunkId, details])).toEqual([
      [workspace.trunkId, { reason: 'Too many', until: after(2_000).toISOString() }],
    ])
  })
})

describe('the log', () => {
  it.each(['engine', 'api'] as const)('can be added to and read by the role %s, and never changed', async (role) => {
    const { db } = role === 'engine' ? world.deps : world.apiDeps
    const all = and(inArray(eventLog.kind, ['finished']), sql`true`)
    const denied = { cause: expect.objectContaining({ code: '42501' }) }
    await expect(db.update(eventLog).set({ kind: 'claimed' }).where(all)).rejects.toMatchObject(denied)
    await expect(db.delete(eventLog).where(all)).rejects.toMatchObject(denied)
    await expect(db.execute(sql`truncate event_log`)).rejects.toMatchObject(denied)
  })
})

function byText(a: string, b: string): number {
  return a.localeCompare(b)
}
