import { buildWorld, type Settings, startMs, usualSettings, type World } from './build-world.ts'
import type { Ending } from './endings.ts'

/** Two contacts: one busy and called again ten minutes later, one reached at once. */
export function innocent(settings: Partial<Settings> = {}): World {
  const world = buildWorld()
  world.trunk('t1')
  world.campaign('k1', { contacts: 2, ...settings })
  world.call({ second: 0, contact: 'p1', ending: 'busy', next: 660 })
  world.call({ second: 10, contact: 'p2', ending: 'interested' })
  world.call({ second: 665, contact: 'p1', ending: 'interested' })
  world.complete('k1')
  return world
}

export function one<T>(list: T[], index = 0): T {
  const value = list.at(index)
  if (value === undefined) throw new Error(`there is no entry ${index}`)
  return value
}

export const entry = (world: World, kind: string, index = 0) =>
  one(
    world.log.filter((each) => each.kind === kind),
    index,
  )
export const remove = <T>(list: T[], value: T) => list.splice(list.indexOf(value), 1)

/** The innocent run after something was done to it. */
export const spoiling = (spoil: (world: World) => unknown) => () => {
  const world = innocent()
  spoil(world)
  return world
}

export function attemptsOf(settings: Partial<Settings>): World {
  const world = buildWorld()
  world.trunk('t1')
  world.campaign('k1', settings)
  world.call({ second: 0, ending: 'busy', next: 660 })
  world.call({ second: 700, ending: 'interested' })
  world.complete('k1')
  return world
}

export function sameNumber(seconds: number[]): World {
  const world = buildWorld()
  world.trunk('t1')
  seconds.forEach((second, index) => {
    world.campaign(`k${index}`)
    world.call({ second, campaign: `k${index}`, to: '+12125550177', ending: 'busy' })
    world.complete(`k${index}`)
  })
  return world
}

/** The third call to a number is one that a person asked for, and a campaign's is the fourth, so much later. */
export function sameNumberAsked(secondsBetween: number, ending: Ending = 'busy'): World {
  const world = sameNumber([0, 4_000])
  world.call({ second: 8_000, campaign: null, to: '+12125550177', ending })
  world.campaign('k2')
  world.call({ second: 8_000 + secondsBetween, campaign: 'k2', to: '+12125550177', ending: 'busy' })
  world.complete('k2')
  return world
}

export function withoutLimit(world: World): World {
  world.write({ kind: 'workspace_changed', second: -20, details: { attemptLimit: null } })
  return world
}

export function twoCalls(ending: Ending, secondsBetween: number, retry?: Settings['retry']): World {
  const world = buildWorld()
  world.trunk('t1')
  world.campaign('k1', retry ? { retry } : {})
  world.call({ second: 0, ending, next: secondsBetween })
  world.call({ second: 5 + secondsBetween, ending: 'interested' })
  world.complete('k1')
  return world
}

export function growingDelays(delays: [number, number]): World {
  const world = buildWorld()
  world.trunk('t1')
  world.campaign('k1')
  world.call({ second: 0, ending: 'no_answer', next: delays[0] })
  world.call({ second: 5 + delays[0], ending: 'no_answer', next: delays[1] })
  world.call({ second: 10 + delays[0] + delays[1], ending: 'interested' })
  world.complete('k1')
  return world
}

export function refusedOften(): World {
  const world = buildWorld()
  world.trunk('t1')
  world.campaign('k1', { maxAttemptsPerContact: 1, maxAttemptsPerDay: 1 })
  for (let call = 0; call < 5; call += 1) world.call({ second: call * 1_000, ending: 'refused', next: 900 })
  world.call({ second: 5_000, ending: 'interested' })
  world.complete('k1')
  return world
}

export function pausedAt(second: number): World {
  const world = innocent()
  world.write({ kind: 'campaign_paused', second, campaignId: 'k1' })
  return world
}

export function freedNumber(): World {
  const world = innocent()
  const details = { phoneNumber: one(world.ledger).to }
  world.write({ kind: 'number_suppressed', second: 100, details })
  world.write({ kind: 'number_unsuppressed', second: 200, details })
  return world
}

export function suppressedSingleCall(): World {
  const world = innocent()
  world.write({ kind: 'number_suppressed', second: 700, details: { phoneNumber: '+12125550166' } })
  world.call({ second: 800, campaign: null, to: '+12125550166', next: 'nothing' })
  return world
}

export function raisedCap(): World {
  const world = innocent({ dailyCap: 2 })
  const details = { settings: { ...usualSettings, dailyCap: 3 } }
  world.write({ kind: 'campaign_changed', second: 300, campaignId: 'k1', details })
  return world
}

export function loseContact(world: World): void {
  entry(world, 'contacts_added').details.count = 3
  Object.assign(one(world.told.campaigns).contacts, { total: 3, waiting: 1 })
}

export function callAt(instant: string): World {
  const world = buildWorld()
  world.trunk('t1')
  world.campaign('k1', { startHour: 9, endHour: 20 })
  world.call({ second: (Date.parse(instant) - startMs) / 1_000, ending: 'interested' })
  world.complete('k1')
  return world
}

export function manyCalls(run: {
  count: number
  gap: number
  callsPerSecond?: number
  maxConcurrency?: number
  ofCampaign?: number
  callDelayMs?: number
}): World {
  const world = buildWorld()
  world.trunk('t1', { callsPerSecond: run.callsPerSecond ?? 100, maxConcurrency: run.maxConcurrency ?? 1_000 })
  const { count: contacts, callDelayMs = 0, ofCampaign: maxConcurrency = null } = run
  world.campaign('k1', { contacts, callDelayMs, maxConcurrency })
  const lastsSeconds = run.maxConcurrency === 10 || run.ofCampaign ? 100 : 5
  for (let index = 0; index < run.count; index += 1) {
    world.call({ second: index * run.gap, contact: `p${index}`, lastsSeconds })
  }
  world.complete('k1')
  return world
}

/** Two campaigns take turns on a trunk; `turns` says how many starts each has in its turn. */
export function sharedTrunk(turns: [number, number], weights: [number, number] = [1, 1]): World {
  const world = buildWorld()
  const rounds = 60
  world.trunk('t1', { callsPerSecond: 1, maxConcurrency: 100 })
  let second = 0
  for (const [index, turn] of turns.entries()) {
    world.campaign(`k${index}`, { contacts: rounds * turn, weight: weights[index] ?? 1 })
  }
  for (let round = 0; round < rounds; round += 1) {
    turns.forEach((turn, index) => {
      for (let start = 0; start < turn; start += 1) {
        const contact = `p${index * 1_000 + round * turn + start}`
        world.call({ second, campaign: `k${index}`, contact })
        second += 1
      }
    })
  }
  for (const index of turns.keys()) world.complete(`k${index}`)
  return world
}

export function tellDisposition(world: World, disposition: string): void {
  entry(world, 'applied').details.disposition = disposition
  const { calls } = one(world.told.campaigns)
  delete calls.busy
  calls[disposition] = 1
}

/** The first call's answer was lost: the log knows at most how the leg left. */
export function tellNothing(disposition: string): World {
  const world = innocent()
  tellDisposition(world, disposition)
  entry(world, 'applied').details.signals = disposition === 'unknown' ? ['settle'] : ['leg_left', 'settle']
  return world
}

/** The same, and the leg's end is told after all, so many seconds after it was decided what follows. */
export function tellTooLate(seconds: number): World {
  const world = tellNothing('unknown')
  const { campaignId, contactId, callId, at, details } = entry(world, 'applied')
  const second = (Date.parse(at) - startMs) / 1_000 + seconds
  const late = { campaignId, contactId, callId, details: { ...details, signals: ['leg_left'] } }
  world.write({ kind: 'applied', second, ...late })
  return world
}

/** The same of a call that somebody asked for: nothing follows from it, so nothing was decided but how it ended. */
export function tellTooLateOfRequested(seconds: number): World {
  const world = buildWorld()
  world.trunk('t1')
  world.call({ second: 0, campaign: null, ending: 'hangs_up', lastsSeconds: 5 })
  const { callId, details } = entry(world, 'applied')
  Object.assign(details, { disposition: 'unknown', signals: ['settle'] })
  world.write({ kind: 'applied', second: 5 + seconds, callId, details: { ...details, signals: ['leg_left'] } })
  return world
}

/** A person arranges a callback with somebody who was finished; how often the contact is finished after that. */
export function reopened(times: number): World {
  const world = buildWorld()
  world.trunk('t1')
  world.campaign('k1')
  world.call({ second: 0, ending: 'hangs_up' })
  const of = { campaignId: 'k1', contactId: 'p1', callId: 'c1' }
  const details = { dueAt: world.moment(900).at, disposition: 'completed', outcome: 'callback', burned: true }
  world.write({ kind: 'retried', second: 100, ...of, details: { ...details, wasFinished: true } })
  world.call({ second: 900, ending: 'interested' })
  one(world.told.campaigns).contacts = { total: 1, waiting: 0, claimed: 0, finished: 1 }
  for (let again = 1; again < times; again += 1) {
    world.write({ kind: 'finished', second: 1_000, ...of, callId: null, details: { reason: 'exhausted' } })
  }
  world.complete('k1')
  return world
}

/** The third call was claimed before its campaign's cap went down to two. */
export function loweredCap(): World {
  const world = innocent({ dailyCap: 3 })
  const details = { settings: { ...usualSettings, dailyCap: 2 } }
  world.write({ kind: 'campaign_changed', second: 664, campaignId: 'k1', details })
  return world
}

/** Marked a moment before midnight in New York, it reaches the network a moment after, and counts for the day before. */
export function lateOnItsDay(): World {
  const world = buildWorld()
  const midnight = 14 * 3_600
  world.trunk('t1')
  world.campaign('k1', { contacts: 2, dailyCap: 1 })
  world.call({ second: midnight - 0.1, contact: 'p1' }).invited = world.moment(midnight + 0.2)
  world.call({ second: midnight + 10, contact: 'p2' })
  world.complete('k1')
  return world
}

export function runningCampaign(): World {
  const world = buildWorld()
  world.trunk('t1')
  world.campaign('k1', { contacts: 2 })
  world.call({ second: 0, contact: 'p1' })
  return world
}
