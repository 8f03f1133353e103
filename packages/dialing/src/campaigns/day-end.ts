import { nextLocalDay } from '@outdial/policy/calling-window'

/** A dial needs a moment to become an INVITE, and it must still count for the day whose cap it uses. */
const lastMinuteMs = 60_000

/** From when on nothing is started any more on the campaign's local day: a minute before it ends. */
export function dayEnd(timezone: string, at: Date): Date {
  return new Date(nextLocalDay(timezone, at).getTime() - lastMinuteMs)
}
