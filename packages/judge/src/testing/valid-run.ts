import { buildWorld, startMs, type World } from './build-world.ts'
import type { Ending } from './endings.ts'

const daySeconds = 86_400
/** 05:00 in UTC is midnight in New York, as long as it is winter there. */
const midnightSecond = (second: number) => {
  const shifted = startMs / 1_000 + second - 5 * 3_600
  return second + daySeconds - (shifted % daySeconds)
}

type Contact = { id: string; plans: Ending[]; dueSecond: number; attempts: number[]; endings: Map<Ending, number> }

const delays: Partial<Record<Ending, (times: number) => number>> = {
  busy: () => 660,
  no_answer: (times) => 66 * 2 ** (times - 1),
  voicemail: () => 66,
  callback: () => 1_800,
  refused: () => 33,
}
const allowed: Partial<Record<Ending, number>> = { busy: 3, no_answer: 3, voicemail: 2, callback: 100, refused: 100 }

/** A run that keeps every rule: one call after the other, each contact ending as it likes, retried as the settings say. */
export function buildValidRun(drawn: { contacts: Ending[][]; clockSpeed: number }): World {
  const world = buildWorld({ clockSpeed: drawn.clockSpeed })
  world.trunk('t1', { callsPerSecond: 0.5, maxConcurrency: 1 })
  world.campaign('k1', { contacts: drawn.contacts.length, maxAttemptsPerDay: 2, callDelayMs: 2_000 })
  let contacts = drawn.contacts.map(
    (plans, index): Contact => ({ id: `p${index}`, plans, dueSecond: 0, attempts: [], endings: new Map() }),
  )
  let second = 0
  while (contacts.length > 0) {
    const next = contacts.reduce((one, other) => (other.dueSecond < one.dueSecond ? other : one))
    second = Math.max(second + 10, next.dueSecond)
    if (callContact(world, next, second) === 'finished') contacts = contacts.filter((each) => each !== next)
  }
  world.complete('k1', second + 100)
  return world
}

function callContact(world: World, contact: Contact, second: number): 'finished' | 'again' {
  const ending = contact.plans.shift() ?? 'interested'
  const times = (contact.endings.get(ending) ?? 0) + 1
  contact.endings.set(ending, times)
  if (ending !== 'refused') contact.attempts.push(second)
  const delay = delays[ending]
  const isOver = contact.attempts.length >= 3 && ending !== 'refused'
  if (!delay || isOver || times >= (allowed[ending] ?? 0)) {
    world.call({ second, contact: contact.id, ending })
    return 'finished'
  }
  const endSecond = second + 5
  contact.dueSecond = earliestAfter(contact, endSecond + delay(times))
  world.call({ second, contact: contact.id, ending, next: contact.dueSecond - endSecond })
  return 'again'
}

/** Two attempts a day. */
function earliestAfter({ attempts }: Contact, dueSecond: number): number {
  const midnight = midnightSecond(dueSecond) - daySeconds
  return attempts.filter((second) => second >= midnight).length >= 2 ? midnightSecond(dueSecond) : dueSecond
}
