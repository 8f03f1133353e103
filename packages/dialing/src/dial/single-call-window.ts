import { type CallingHours, defaultCallingHours } from '@outdial/policy/calling-hours'
import { findZone } from '@outdial/policy/time-zone'
import { readZoneKey } from '@outdial/policy/zone-key'
import { callingHoursOf } from '../campaigns/campaign-settings.ts'
import type { PermittedCall } from './permit.ts'

/** No hours of our own: only the law of the place says when. */
const lawOnly: CallingHours = {
  ...defaultCallingHours,
  callingDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  startHour: 0,
  endHour: 0,
}

/**
 * When a single call may be dialed: in the hours of its campaign, or without one in those that the law of the number's
 * place allows. Null where nothing holds it back: whoever asked for it said so, or the number does not tell its clock.
 */
export function singleCallWindow(
  call: Pick<PermittedCall['call'], 'phoneNumber' | 'options'>,
  campaign: PermittedCall['campaign'],
): { hours: CallingHours; zoneKey: string } | null {
  if (call.options?.ignoreWindow) return null
  const { zoneKey } = findZone({ e164: call.phoneNumber })
  if (campaign) return { hours: callingHoursOf(campaign), zoneKey }
  return readZoneKey(zoneKey).zones.length > 0 ? { hours: lawOnly, zoneKey } : null
}
