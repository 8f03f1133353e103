import type { LedgerCall } from '@outdial/judge/evidence'
import type { World } from '../world/world.ts'
import { readEvents } from './event-times.ts'
import { atMost, type Figure, type Measurement } from './measurement.ts'
import { fictionalNumbers } from './phone-numbers.ts'
import { median, percentile, round } from './series.ts'
import { moveCampaign, setUpCampaign, setUpTrunk, type Trunk, teach } from './set-up.ts'
import { waitForCompletion } from './wait.ts'

const slots = 10
const contacts = 150
const promisedMs = 100

/** Other calls on another trunk of the same installation. */
const load = { callsPerSecond: 10, maxConcurrency: 5_000, rampUpSeconds: 0 }
const loadContacts = 1_500

export const redial: Measurement = {
  name: 'redial',
  description: `A trunk with all ${slots} slots taken: from a hang-up to the INVITE that takes the slot.`,
  world: { livekitTrunks: 3 },
  async run(world, note) {
    const quiet = await callThrough(world, { name: 'Quiet', index: 0 })
    note('the same beside other calls')
    const noise = fictionalNumbers(loadContacts, 2 * contacts)
    await teach(world, noise, () => ({ behaviour: 'answers_not_interested', ringMs: 1_000, talkMs: 3_000 }))
    const trunk = await setUpTrunk(world, load, 2)
    await moveCampaign(world, await setUpCampaign(world, { name: 'Load', trunk, numbers: noise }), 'start')
    const busy = await callThrough(world, { name: 'Busy', index: 1 })
    return { isFinished: false, figures: [...quiet, ...busy] }
  },
}

async function callThrough(world: World, { name, index }: { name: string; index: number }): Promise<Figure[]> {
  const numbers = fictionalNumbers(contacts, index * contacts)
  // Of different lengths, so that hang-ups do not come in waves.
  await teach(world, numbers, (each) => ({
    ...{ behaviour: 'answers_not_interested', ringMs: 500, talkMs: 2_000 + (each % 41) * 100 },
  }))
  const trunk = await setUpTrunk(world, { callsPerSecond: 100, maxConcurrency: slots, rampUpSeconds: 0 }, index)
  const campaignId = await setUpCampaign(world, { name, trunk, numbers })
  await moveCampaign(world, campaignId, 'start')
  await waitForCompletion(world, { campaignId, seconds: 300 })

  const pairs = await pairUp(world, trunk)
  const waits = pairs.map(({ from, to }) => to.invited.realMs - (from.ended?.realMs ?? Number.NaN))
  const label = (words: string) => `${index === 0 ? 'alone' : 'beside load'}: ${words}`
  const p95 = round(percentile(waits, 0.95))
  return [
    atMost(label('hang-up to INVITE, median'), { value: round(median(waits)), limit: promisedMs, unit: 'ms' }),
    { name: label('hang-up to INVITE, p95'), value: p95, unit: 'ms' },
    { name: label('slots freed'), value: waits.length, unit: '' },
    ...(await steps(world, pairs)).map((step) => ({ ...step, name: label(step.name) })),
  ]
}

type Pair = { from: LedgerCall; to: LedgerCall }

/** While all slots are taken, the n-th hang-up makes room for the n-th INVITE after those that filled the trunk. */
async function pairUp(world: World, { livekitTrunkId }: Trunk): Promise<Pair[]> {
  const calls = (await world.simulator.ledger()).filter((call) => call.trunkId === livekitTrunkId)
  const invites = calls.toSorted((a, b) => a.invited.realMs - b.invited.realMs)
  const ends = calls.toSorted((a, b) => (a.ended?.realMs ?? 0) - (b.ended?.realMs ?? 0))
  return invites.slice(slots).flatMap((to, index) => {
    const from = ends[index]
    return from ? [{ from, to }] : []
  })
}

/** Where the time goes, from one station to the next. */
async function steps(world: World, pairs: Pair[]): Promise<Figure[]> {
  const signals = await world.sql<{ callId: string; receivedAt: Date }[]>`
    select call_id as "callId", received_at as "receivedAt" from signals order by received_at`
  const [claimed, permitted, dialed, applied] = await Promise.all([
    readEvents(world, 'claimed'),
    readEvents(world, 'permitted'),
    readEvents(world, 'dialed'),
    readEndings(world),
  ])
  const stations = pairs.map(({ from, to }) => {
    const [oldId, newId] = [from, to].map((call) => call.roomName.slice('call-'.length))
    const endedMs = from.ended?.realMs ?? Number.NaN
    const heard = signals.find(({ callId, receivedAt }) => callId === oldId && receivedAt.getTime() >= endedMs - 2)
    return [
      endedMs,
      heard?.receivedAt.getTime(),
      applied.get(oldId ?? ''),
      claimed.get(newId ?? '')?.recordedAtMs,
      permitted.get(newId ?? '')?.recordedAtMs,
      dialed.get(newId ?? '')?.recordedAtMs,
      to.invited.realMs,
    ]
  })
  const names = ['told by LiveKit', 'applied', 'next call claimed', 'permitted', 'start taken', 'INVITE']
  return names.map((name, index) => {
    const spans = stations.flatMap((each) => {
      const [from, to] = [each[index], each[index + 1]]
      return from === undefined || to === undefined ? [] : [to - from]
    })
    const value = round(median(spans))
    return { name: `  until ${name}, median`, value, unit: 'ms' }
  })
}

/** When each call was known to be over. */
async function readEndings(world: World): Promise<Map<string, number>> {
  const rows = await world.sql<{ callId: string; recordedAt: Date }[]>`
    select call_id as "callId", min(recorded_at) as "recordedAt" from event_log
    where kind = 'applied' and details ->> 'status' in ('completed', 'failed') group by call_id`
  return new Map(rows.map(({ callId, recordedAt }) => [callId, recordedAt.getTime()]))
}
