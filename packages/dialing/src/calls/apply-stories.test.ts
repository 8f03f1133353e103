import { calls, notices, signals } from '@outdial/database/schema/calls'
import { suppressions } from '@outdial/database/schema/contacts'
import { eventLog } from '@outdial/database/schema/event-log'
import { applySignal, type CallFacts } from '@outdial/policy/call-lifecycle'
import type { Signal } from '@outdial/policy/signal'
import {
  type CallStory,
  callStory,
  justDialed,
  lastWord,
  retold,
  storyBegins,
  storyTimings,
} from '@outdial/policy/testing'
import { and, eq, inArray, isNull } from 'drizzle-orm'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  contactsOf,
  openWorld,
  permitAll,
  runtimeOf,
  start,
  type World,
} from '../testing.ts'
import { applySignals } from './apply-signals.ts'
import { recordSignal } from './record-signal.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** Fifteen stories, each with hundreds of commits that wait for the disk, beside whatever else the machine does. */
const patienceMs = 180_000

/** The same story, told to three calls of one campaign, each in an order of its own. */
const toldThrice = callStory.chain((story) => {
  const order = retold(story.signals)
  return fc.tuple(fc.constant(story), fc.tuple(order, order, order))
})

it(
  'writes the same of calls that were told the same, in any order, repeated, and with appliers side by side',
  async () => {
    await fc.assert(
      fc.asyncProperty(toldThrice, async ([story, orders]) => {
        const { campaignId, callIds } = await dialThree(story)
        const now = after(story.overMs, storyBegins)
        await tellAll(
          orders.map((order, i) => ({ callId: callIds[i] ?? '', order })),
          now,
        )
        await tellAll(
          callIds.map((callId) => ({ callId, order: [lastWord(story)] })),
          now,
        )
        const settled = await read(campaignId)

        const dialed: CallFacts = { ...story.call, dialedAt: storyBegins }
        const expected = hear(dialed, [...story.signals, lastWord(story)])
        for (const call of settled.calls) expect(withoutSettling(call)).toEqual(withoutSettling(expected))
        expectOneEndEach(settled, { story, expected })

        await tellAll(
          orders.map((order, i) => ({ callId: callIds[i] ?? '', order: order.toReversed() })),
          now,
        )
        const later = await read(campaignId)
        expect({ ...later, entries: [] }).toEqual({ ...settled, entries: [] })
      }),
      { numRuns: 15 },
    )
  },
  patienceMs,
)

const decisions = ['retried', 'finished']

function hear(call: CallFacts, signals: readonly Signal[]): CallFacts {
  return signals.reduce((known, signal) => applySignal(known, signal, storyTimings), call)
}

async function dialThree(story: CallStory): Promise<{ campaignId: string; callIds: string[] }> {
  const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const { campaignId } = await addCampaign(world, workspace, { contacts: 3 })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: storyBegins })
  const callIds = await permitAll(world, campaignId, storyBegins)
  expect(callIds).toHaveLength(3)
  const { hangupRequestedAt } = story.call
  await world.db.update(calls).set({ hangupRequestedAt, permittedAt: storyBegins }).where(inArray(calls.id, callIds))
  return { campaignId, callIds }
}

/** Each signal is an event of its own; a repeat comes as the same event, or as another that says the same. */
async function tellAll(told: { callId: string; order: readonly Signal[] }[], now: Date): Promise<void> {
  let isTelling = true
  const applier = async () => {
    while (isTelling || (await applySignals(world.deps, now))) await applySignals(world.deps, now)
  }
  const appliers = [applier(), applier(), applier()]
  await Promise.all(
    told.map(async ({ callId, order }) => {
      for (const [i, signal] of order.entries()) {
        const isSameEvent = i % 2 === 1
        const eventId = isSameEvent ? `${callId}-${now.getTime()}-${order.indexOf(signal)}` : crypto.randomUUID()
        const event = { source: 'livekit', eventId, event: signal.kind, about: { callId } } as const
        await recordSignal(world.deps, { ...event, content: [signal], receivedAt: now })
      }
    }),
  )
  isTelling = false
  await Promise.all(appliers)
}

async function read(campaignId: string) {
  const rows = await callsOf(world, { campaignId })
  const ids = rows.map((call) => call.id)
  const contacts = await contactsOf(world, campaignId)
  const { contactsWaiting, contactsClaimed, contactsFinished, status } = await runtimeOf(world, campaignId)
  const unapplied = and(inArray(signals.callId, ids), isNull(signals.appliedAt))
  const entries = await world.db.select().from(eventLog).where(eq(eventLog.campaignId, campaignId))
  return {
    calls: rows.map(factsOf),
    contacts: contacts.map(({ state, finishReason, attempts, callId }) => ({ state, finishReason, attempts, callId })),
    decidedOn: contacts.map(({ contactId }) => {
      const decision = entries.find((entry) => entry.contactId === contactId && decisions.includes(entry.kind))
      return decision?.details?.outcome
    }),
    counters: { contactsWaiting, contactsClaimed, contactsFinished, status },
    notices: (await world.db.select().from(notices).where(inArray(notices.callId, ids)))
      .map(({ event }) => event)
      .sort(),
    suppressed: await world.db.select().from(suppressions).where(inArray(suppressions.callId, ids)),
    entries: entries.map(({ kind }) => kind),
    unapplied: await world.db.select().from(signals).where(unapplied),
  }
}

/**
 * What becomes of a contact is decided once, by the outcome that is known when its call settles: where the agent changes
 * its mind, that depends on which of its reports came before.
 */
function expectOneEndEach(
  seen: Awaited<ReturnType<typeof read>>,
  { story, expected: { answeredAt, outcome } }: { story: CallStory; expected: CallFacts },
): void {
  const told = story.signals.flatMap((signal) => (signal.kind === 'agent_report' ? (signal.outcome ?? []) : []))
  const changesMind = new Set(told).size > 1
  for (const [i, contact] of seen.contacts.entries()) {
    const alike = changesMind ? seen.decidedOn.indexOf(seen.decidedOn[i]) : 0
    expect(contact).toEqual({ ...seen.contacts[alike], callId: null })
  }
  const finished = seen.contacts.filter(({ state }) => state === 'finished').length
  expect(seen.counters).toMatchObject({ contactsClaimed: 0, contactsFinished: finished, contactsWaiting: 3 - finished })
  const countOf = (names: readonly string[], ...wanted: string[]) =>
    names.filter((name) => wanted.includes(name)).length
  expect(countOf(seen.notices, 'call.started')).toBe(3)
  expect(countOf(seen.notices, 'call.answered')).toBe(answeredAt ? 3 : 0)
  expect(countOf(seen.notices, 'call.ended')).toBe(3)
  expect(countOf(seen.entries, 'retried', 'finished')).toBe(3)
  expect(seen.suppressed).toHaveLength(outcome === 'do_not_call' ? 3 : 0)
  expect(seen.unapplied).toEqual([])
}

function factsOf(call: typeof calls.$inferSelect): CallFacts {
  const names = Object.keys(justDialed) as (keyof CallFacts)[]
  return Object.fromEntries(names.map((name) => [name, call[name]])) as unknown as CallFacts
}

/** When it was settled depends on when was heard what; a transcript comes back from JSON. */
function withoutSettling({ settledAt, ...facts }: CallFacts) {
  return JSON.parse(JSON.stringify(facts)) as unknown
}
