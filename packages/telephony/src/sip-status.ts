import type { DialFailure } from './dial-failure.ts'

/**
 * What a final SIP status means for the call, the contact and the campaign; null for a number that is no final status.
 * `text` is everything LiveKit passed on with it: some carriers say only there what they mean.
 */
export function verdictOfSipStatus(
  sipStatusCode: number,
  { text, hangUpRequested = false }: { text: string; hangUpRequested?: boolean | undefined },
): DialFailure | null {
  if (!Number.isInteger(sipStatusCode) || sipStatusCode < 300 || sipStatusCode > 699) return null
  const meaning = meaningOf(sipStatusCode, { text, hangUpRequested })
  return { ...meaning, reached: true, sipStatusCode, reason: `${meaning.reason} (SIP ${sipStatusCode}).` }
}

/** The same two verdicts where LiveKit passes on no status: it hides a challenge, and has done so with limits. */
export function verdictWithoutStatus(which: 'over_carrier_limit' | 'wrong_trunk_credentials'): DialFailure {
  const meaning = which === 'over_carrier_limit' ? overCarrierLimit : wrongTrunkCredentials
  return { ...meaning, reached: true, reason: `${meaning.reason}.` }
}

/** Twilio's words for its two caps, which it sends with several statuses; other carriers have taken them over. */
export function isCarrierLimit(text: string): boolean {
  return /\b(?:cps|concurrent calls?) limit (?:exceeded|reached)/i.test(text)
}

/** Over the trunk's own limit: the contact keeps its attempt and the lane slows down. */
const overCarrierLimit: Meaning = {
  disposition: 'trunk_error',
  burnsAttempt: false,
  fault: 'carrier',
  effect: 'slow_lane',
  reason:
    'The carrier refused the call: more calls per second, or at once, than it allows on this trunk. ' +
    "Lower the trunk's limits here, or have the carrier raise its own",
}

/** The carrier asked for a password and did not accept what it got: no call on this trunk can succeed. */
const wrongTrunkCredentials: Meaning = {
  disposition: 'trunk_error',
  burnsAttempt: false,
  fault: 'configuration',
  effect: 'stop_campaign',
  reason:
    "The carrier did not accept the trunk's user name and password. " +
    "Set the trunk's credentials to the ones of the carrier's credential list, then resume the campaign",
}

/** A verdict whose reason is still without its full stop: the status is put before it. */
type Meaning = Omit<DialFailure, 'reached' | 'sipStatusCode'>

function meaningOf(status: number, context: { text: string; hangUpRequested: boolean }): Meaning {
  if (isCarrierLimit(context.text)) return overCarrierLimit
  if (status === 487 && context.hangUpRequested) return ofCallee('canceled', 'Hung up before anybody answered')
  // Twilio 32203: the carrier has blocked the destination for good, whatever status it wears.
  if (/\b32203\b/.test(context.text)) return permanentlyBlocked
  return byStatus.get(status) ?? byClass(status)
}

function byClass(status: number): Meaning {
  if (status < 400) return ofCallee('invalid_number', 'The number has moved and takes no calls here')
  if (status >= 600) return ofCallee('rejected', 'The call was declined')
  return ofCarrier('trunk_error', 'The carrier could not place the call')
}

function ofCallee(disposition: DialFailure['disposition'], reason: string): Meaning {
  return { disposition, burnsAttempt: true, fault: 'callee', effect: 'none', reason }
}

function ofCarrier(disposition: DialFailure['disposition'], reason: string): Meaning {
  return { disposition, burnsAttempt: true, fault: 'carrier', effect: 'none', reason }
}

/** It is about this number: the trunk does its work. */
const permanentlyBlocked = ofCallee(
  'rejected',
  'The carrier blocks calls to this number for good (Twilio error 32203); suppress the number',
)

const incompatible: Meaning = {
  disposition: 'trunk_error',
  burnsAttempt: true,
  fault: 'configuration',
  effect: 'none',
  reason:
    'The carrier did not accept how the call was placed. If this happens with many numbers, compare the transport, ' +
    "encryption, number format and SIP headers of the trunk with the carrier's guide",
}

const verdicts: [statuses: number[], meaning: Meaning][] = [
  [[486, 600], ofCallee('busy', 'The line was busy')],
  [[408, 480, 487], ofCallee('no_answer', 'Nobody answered')],
  [[603, 607, 608], ofCallee('rejected', 'The call was declined')],
  [
    [402, 403],
    ofCarrier(
      'rejected',
      'The carrier does not permit this call. If this happens with many numbers, check the balance, the caller ID ' +
        'and the countries allowed at the carrier',
    ),
  ],
  [[404, 410, 484, 485, 604], ofCallee('invalid_number', 'The number does not exist')],
  [[401, 407], wrongTrunkCredentials],
  [[400, 405, 406, 413, 414, 415, 416, 420, 421, 428, 433, 436, 437, 438, 488, 493, 494, 505, 513, 606], incompatible],
]

const byStatus = new Map(
  verdicts.flatMap(([statuses, meaning]) => statuses.map((status) => [status, meaning] as const)),
)
