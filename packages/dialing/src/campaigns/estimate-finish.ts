import type { CallingHours } from '@outdial/policy/calling-hours'
import { closesAt, isOpen, nextLocalDay, nextOpening } from '@outdial/policy/calling-window'

export type Estimate = {
  /** When the first call could start; null when the hours never open. */
  startsAt: Date | null
  /** When the last contact is done; null when the hours end before, or it takes longer than can be foreseen. */
  finishesAt: Date | null
}

export type EstimateInput = {
  hours: CallingHours
  /** Calls that each zone needs. */
  callsByZone: ReadonlyMap<string, number>
  callsPerSecond: number
  dailyCap: number | null
  dialedToday: number
  now: Date
}

/** A year of days with a handful of openings each; whoever needs more is told that it cannot be foreseen. */
const maxSteps = 4_000

/**
 * Plays a campaign through, window by window: as fast as it may, zones that close first served first.
 * Retries come on top and calls that nobody can foresee get in between, so this is the earliest plausible end.
 */
export function estimateFinish(input: EstimateInput): Estimate {
  const { hours, dailyCap } = input
  const left = new Map([...input.callsByZone].filter(([, calls]) => calls > 0))
  let at = input.now
  let capLeft = dailyCap === null ? Number.POSITIVE_INFINITY : Math.max(0, dailyCap - input.dialedToday)
  let startsAt: Date | null = null

  for (let step = 0; step < maxSteps; step++) {
    if (left.size === 0) return { startsAt, finishesAt: at }
    const open = [...left.keys()].filter((zone) => isOpen(hours, zone, at))
    if (open.length === 0 || capLeft === 0) {
      const next =
        capLeft === 0 ? nextLocalDay(hours.timezone, at) : earliestOpening(hours, { zones: [...left.keys()], at })
      if (!next) return { startsAt, finishesAt: null }
      if (dailyCap !== null && next >= nextLocalDay(hours.timezone, at)) capLeft = dailyCap
      at = next
      continue
    }
    startsAt ??= at
    const until = segmentEnd({ hours, zones: [...left.keys()], open, at, isCapped: dailyCap !== null })
    const room =
      until === null ? Number.POSITIVE_INFINITY : Math.floor(secondsBetween(at, until) * input.callsPerSecond)
    const started = serve(left, { zones: byClosing(hours, { open, at }), calls: Math.min(room, capLeft) })
    capLeft -= started
    const busyUntil = new Date(at.getTime() + (started / input.callsPerSecond) * 1_000)
    const isSegmentOver = until !== null && left.size > 0 && capLeft > 0
    if (isSegmentOver && dailyCap !== null && until >= nextLocalDay(hours.timezone, at)) capLeft = dailyCap
    at = isSegmentOver ? until : busyUntil
  }
  return { startsAt, finishesAt: null }
}

/** When the set of open zones may change, or a new day of the cap begins; null for never. */
function segmentEnd(input: {
  hours: CallingHours
  zones: string[]
  open: string[]
  at: Date
  isCapped: boolean
}): Date | null {
  const { hours, zones, open, at } = input
  const closed = zones.filter((zone) => !open.includes(zone))
  const moments = [
    ...open.map((zone) => closesAt(hours, zone, at)),
    ...closed.map((zone) => nextOpening(hours, zone, at)),
    input.isCapped ? nextLocalDay(hours.timezone, at) : null,
  ].flatMap((moment) => (moment && moment > at ? [moment.getTime()] : []))
  return moments.length > 0 ? new Date(Math.min(...moments)) : null
}

function earliestOpening(hours: CallingHours, { zones, at }: { zones: string[]; at: Date }): Date | null {
  const openings = zones.flatMap((zone) => nextOpening(hours, zone, at)?.getTime() ?? [])
  return openings.length > 0 ? new Date(Math.min(...openings)) : null
}

function byClosing(hours: CallingHours, { open, at }: { open: string[]; at: Date }): string[] {
  const closing = new Map(open.map((zone) => [zone, closesAt(hours, zone, at)?.getTime() ?? Number.POSITIVE_INFINITY]))
  return open.toSorted((a, b) => (closing.get(a) ?? 0) - (closing.get(b) ?? 0))
}

/** Takes calls off the zones in turn; returns how many. */
function serve(left: Map<string, number>, { zones, calls }: { zones: string[]; calls: number }): number {
  let started = 0
  for (const zone of zones) {
    const wanted = left.get(zone) ?? 0
    const given = Math.min(wanted, calls - started)
    started += given
    if (given === wanted) left.delete(zone)
    else left.set(zone, wanted - given)
  }
  return started
}

function secondsBetween(from: Date, to: Date): number {
  return (to.getTime() - from.getTime()) / 1_000
}
