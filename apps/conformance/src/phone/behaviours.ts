/** How the telephone treats an INVITE. Which times `ring` and `talk` stand for is said when a telephone is started. */
export type PhonePlan =
  /** `ringsFor` absent = no 180 is sent. `despiteCancel`: it picks up only when the caller gives up. */
  | { kind: 'answer'; ringsFor?: Duration; earlyMedia?: true; talk: Talk; despiteCancel?: true }
  | { kind: 'refuse'; status: number; reason: string; ringsFor?: Duration; earlyMedia?: true }
  | { kind: 'ring' }
  | { kind: 'silence' }
  | { kind: 'challenge'; status: 401 | 407 }
  /** One behaviour at the first call, and another one ever after. */
  | { kind: 'series'; first: string; later: string }

type Duration = 'ring' | 'long_ring'

/** What follows the answer: it stays until the other side ends the call, or hangs up itself. */
export type Talk = 'stay' | 'hang_up' | 'hang_up_at_once' | 'reinvite_and_stay'

type Behaviour = { code: string; description: string; plan: PhonePlan }

const stays: PhonePlan = { kind: 'answer', ringsFor: 'ring', talk: 'stay' }

/**
 * The last two digits of the called number decide. 01 to 28 are those of the simulator's numbers (+1500555 and four
 * digits), except that what is said in a conversation is the agent's business here.
 */
export const phoneBehaviours = {
  answers: { code: '01', description: 'answers and stays until the call is ended', plan: stays },
  answers_not_interested: { code: '02', description: 'the same', plan: stays },
  answers_callback: { code: '03', description: 'the same', plan: stays },
  answers_do_not_call: { code: '04', description: 'the same', plan: stays },
  answers_wrong_number: { code: '05', description: 'the same', plan: stays },
  voicemail: { code: '06', description: 'the same', plan: stays },
  busy: { code: '07', description: '486 Busy Here', plan: refuse(486, 'Busy Here') },
  no_answer: { code: '08', description: 'rings until the caller gives up', plan: { kind: 'ring' } },
  rejects: { code: '09', description: '603 Decline, after some ringing', plan: refuse(603, 'Decline', 'ring') },
  declined: {
    code: '10',
    description: '480 Temporarily Unavailable, after some ringing',
    plan: refuse(480, 'Temporarily Unavailable', 'ring'),
  },
  invalid: { code: '11', description: '404 Not Found', plan: refuse(404, 'Not Found') },
  carrier_error: { code: '12', description: '503 Service Unavailable', plan: refuse(503, 'Service Unavailable') },
  cps_limit: {
    code: '13',
    description: '503 Trunk CPS limit exceeded',
    plan: refuse(503, 'Trunk CPS limit exceeded'),
  },
  slow_answer: {
    code: '14',
    description: 'rings long, then answers and stays',
    plan: { kind: 'answer', ringsFor: 'long_ring', talk: 'stay' },
  },
  hangs_up_mid_call: { code: '15', description: 'answers, talks, hangs up', plan: answersAnd('hang_up') },
  hangs_up_at_once: {
    code: '16',
    description: 'answers and hangs up within a second',
    plan: answersAnd('hang_up_at_once'),
  },
  agent_silent: { code: '17', description: 'answers, waits, hangs up', plan: answersAnd('hang_up') },
  very_long: { code: '18', description: 'answers and stays until the call is ended', plan: stays },
  carrier_silent: { code: '19', description: 'no response to the INVITE at all', plan: { kind: 'silence' } },
  auth_required: { code: '20', description: '407 again and again', plan: { kind: 'challenge', status: 407 } },
  unauthorized: { code: '21', description: '401 again and again', plan: { kind: 'challenge', status: 401 } },
  forbidden: { code: '22', description: '403 Forbidden', plan: refuse(403, 'Forbidden') },
  busy_everywhere: { code: '23', description: '600 Busy Everywhere', plan: refuse(600, 'Busy Everywhere') },
  gone: { code: '24', description: '410 Gone', plan: refuse(410, 'Gone') },
  incomplete: { code: '25', description: '484 Address Incomplete', plan: refuse(484, 'Address Incomplete') },
  carrier_timeout: { code: '26', description: '504 Server Time-out', plan: refuse(504, 'Server Time-out') },
  carrier_fault: {
    code: '27',
    description: '500 Server Internal Error',
    plan: refuse(500, 'Server Internal Error'),
  },
  request_timeout: {
    code: '28',
    description: '408 Request Timeout, after some ringing',
    plan: refuse(408, 'Request Timeout', 'ring'),
  },
  early_media: {
    code: '30',
    description: '183 with SDP, then answers and stays',
    plan: { kind: 'answer', ringsFor: 'ring', earlyMedia: true, talk: 'stay' },
  },
  reinvites: {
    code: '31',
    description: 'answers, sends a re-INVITE a moment later, and stays',
    plan: answersAnd('reinvite_and_stay'),
  },
  answers_without_ringing: {
    code: '32',
    description: 'answers at once, without 180, and stays',
    plan: { kind: 'answer', talk: 'stay' },
  },
  answers_despite_cancel: {
    code: '33',
    description: 'rings until the CANCEL, and answers 200 before it reads it',
    plan: { kind: 'answer', despiteCancel: true, talk: 'stay' },
  },
  busy_then_answers: {
    code: '34',
    description: '486 at the first call, then answers and stays',
    plan: { kind: 'series', first: 'busy', later: 'answers' },
  },
  no_answer_then_answers: {
    code: '35',
    description: 'rings for ever at the first call, then answers and stays',
    plan: { kind: 'series', first: 'no_answer', later: 'answers' },
  },
  declined_then_answers: {
    code: '36',
    description: '480 at the first call, then answers and stays',
    plan: { kind: 'series', first: 'declined', later: 'answers' },
  },
  carrier_error_then_answers: {
    code: '37',
    description: '503 at the first call, then answers and stays',
    plan: { kind: 'series', first: 'carrier_error', later: 'answers' },
  },
  moved: { code: '38', description: '302 Moved Temporarily', plan: refuse(302, 'Moved Temporarily') },
  not_acceptable: { code: '39', description: '488 Not Acceptable Here', plan: refuse(488, 'Not Acceptable Here') },
  announcement_then_busy: {
    code: '40',
    description: '183 with SDP, then 486',
    plan: { ...refuse(486, 'Busy Here', 'ring'), earlyMedia: true },
  },
  busy_then_hangs_up: {
    code: '41',
    description: '486 at the first call, then answers, talks and hangs up',
    plan: { kind: 'series', first: 'busy', later: 'hangs_up_mid_call' },
  },
} satisfies Record<string, Behaviour>

export type PhoneBehaviour = keyof typeof phoneBehaviours

/** What all other numbers do. */
const ordinary: PhoneBehaviour = 'answers'

/** What the telephone does when this number is called; a series counts as itself. */
export function behaviourOf(number: string): PhoneBehaviour {
  const code = number.replace(/@.*$/, '').slice(-2)
  const found = Object.entries(phoneBehaviours).find(([, behaviour]) => behaviour.code === code)
  return (found?.[0] as PhoneBehaviour | undefined) ?? ordinary
}

function refuse(status: number, reason: string, ringsFor?: Duration) {
  return { kind: 'refuse', status, reason, ...(ringsFor && { ringsFor }) } as const
}

function answersAnd(talk: Talk) {
  return { kind: 'answer', ringsFor: 'ring', talk } as const
}
