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
  const watch = watchZones(hours)
  const left = new Map([...input.callsByZone].filter(([, calls]) => calls > 0))
  let at = input.now
  let capLeft = dailyCap === null ? Number.POSITIVE_INFINITY : Math.max(0, dailyCap - input.dialedToday)
  let startsAt: Date | null = null

  for (let step = 0; step < maxSteps; step++) {
    if (left.size === 0) return { startsAt, finishesAt: at }
    const open = [...left.keys()].filter((zone) => watch(zone, at).isOpen)
    if (open.length === 0 || capLeft === 0) {
      const next =
        capLeft === 0
          ? nextLocalDay(hours.timezone, at)
          : earliest([...left.keys()].map((zone) => watch(zone, at).until))
      if (!next) return { startsAt, finishesAt: null }
      if (dailyCap !== null && next >= nextLocalDay(hours.timezone, at)) capLeft = dailyCap
      at = next
      continue
    }
    startsAt ??= at
    const changes = [...left.keys()].map((zone) => watch(zone, at).until)
    const until = earliest([...changes, dailyCap === null ? null : nextLocalDay(hours.timezone, at)])
    const room =
      until === null ? Number.POSITIVE_INFINITY : Math.floor(secondsBetween(at, until) * input.callsPerSecond)
    const started = serve(left, {
      zones: byClosing(open, (zone) => watch(zone, at).until),
      calls: Math.min(room, capLeft),
    })
    capLeft -= started
    const busyUntil = new Date(at.getTime() + (started / input.callsPerSecond) * 1_000)
    const isSegmentOver = until !== null && left.size > 0 && capLeft > 0
    if (isSegmentOver && dailyCap !== null && until >= nextLocalDay(hours.timezone, at)) capLeft = dailyCap
    at = isSegmentOver ? until : busyUntil
  }
  return { startsAt, finishesAt: null }
}

type Standing = { isOpen: boolean; until: Date | null }

/** Whether a zone is open, and until when that stays so; null for ever. Time only moves on, so it is asked once per change. */
function watchZones(hours: CallingHours): (zone: string, at: Date) => Standing {
  const standings = new Map<string, Standing>()
  return (zone, at) => {
    const known = standings.get(zone)
    if (known && (known.until === null || at < known.until)) return known
    const open = isOpen(hours, zone, at)
    const standing = { isOpen: open, until: open ? closesAt(hours, zone, at) : nextOpening(hours, zone, at) }
    standings.set(zone, standing)
    return standing
  }
}

function earliest(moments: (Date | null)[]): Date | null {
  const known = moments.flatMap((moment) => moment?.getTime() ?? [])
  return known.length > 0 ? new Date(Math.min(...known)) : null
}

function byClosing(open: string[], closes: (zone: string) => Date | null): string[] {
  const closing = new Map(open.map((zone) => [zone, closes(zone)?.getTime() ?? Number.POSITIVE_INFINITY]))
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
