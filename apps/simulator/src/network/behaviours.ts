import { between, type Random } from '../random.ts'
import type { CallPlan, Conversation } from './call-plan.ts'

type Behaviour = { description: string; plan(random: Random): CallPlan }

/** Everything a number can do. Durations are drawn from `random`, in simulated ms. */
export const behaviours = {
  answers_interested: {
    description: 'answers, talks, is interested; the agent ends the call',
    plan: (random) => answer(random, { outcome: 'interested', talkMs: between(random, 40_000, 180_000) }),
  },
  answers_not_interested: {
    description: 'answers, talks, is not interested; the agent ends the call',
    plan: (random) => answer(random, { outcome: 'not_interested', talkMs: between(random, 20_000, 60_000) }),
  },
  answers_callback: {
    description: 'answers, asks to be called again 15 to 45 minutes later',
    plan: (random) =>
      answer(random, {
        outcome: 'callback',
        talkMs: between(random, 20_000, 50_000),
        callbackAfterMs: between(random, 15, 45) * 60_000,
      }),
  },
  answers_do_not_call: {
    description: 'answers, asks never to be called again (reported during the call), then hangs up',
    plan: (random) =>
      answer(random, { outcome: 'do_not_call', endedBy: 'callee', talkMs: between(random, 20_000, 40_000) }),
  },
  answers_wrong_number: {
    description: 'answers, is somebody else; the agent ends the call',
    plan: (random) => answer(random, { outcome: 'wrong_number', talkMs: between(random, 20_000, 35_000) }),
  },
  voicemail: {
    description: 'a mailbox answers; the agent leaves a message, or hangs up when told to',
    plan: (random) => answer(random, { outcome: 'voicemail', talkMs: between(random, 20_000, 40_000) }),
  },
  busy: { description: '486 Busy Here', plan: (random) => refuse(random, 486, 'Busy Here') },
  no_answer: {
    description: 'rings until the ringing timeout',
    plan: (random) => ({ ringAfterMs: postDialDelay(random), ending: { kind: 'ring' } }),
  },
  rejects: {
    description: '603 Decline, after some ringing',
    plan: (random) => refuse(random, 603, 'Decline', ringTime(random)),
  },
  declined: {
    description: '480 Temporarily Unavailable, after some ringing',
    plan: (random) => refuse(random, 480, 'Temporarily Unavailable', ringTime(random)),
  },
  invalid: { description: '404 Not Found', plan: (random) => refuse(random, 404, 'Not Found') },
  carrier_error: {
    description: '503 Service Unavailable from the carrier',
    plan: (random) => refuse(random, 503, 'Service Unavailable'),
  },
  cps_limit: {
    description: '503 Trunk CPS limit exceeded, whatever the trunk is set to',
    plan: (random) => refuse(random, 503, 'Trunk CPS limit exceeded'),
  },
  slow_answer: {
    description: 'rings for 25 seconds, then answers and is interested',
    plan: (random) => answer(random, { outcome: 'interested', talkMs: 40_000 }, 25_000),
  },
  hangs_up_mid_call: {
    description: 'answers, talks, hangs up before there is an outcome',
    plan: (random) => answer(random, { endedBy: 'callee', talkMs: between(random, 10_000, 30_000) }),
  },
  hangs_up_at_once: {
    description: 'answers and hangs up within a second',
    plan: (random) => answer(random, { endedBy: 'callee', talkMs: 800 }),
  },
  agent_silent: {
    description: 'answers, but the agent neither speaks nor reports; the callee hangs up',
    plan: (random) => answer(random, { endedBy: 'callee', talkMs: 15_000, agentIsSilent: true }),
  },
  very_long: {
    description: 'answers and talks for two hours, is interested',
    plan: (random) => answer(random, { outcome: 'interested', talkMs: 2 * 3_600_000 }),
  },
  carrier_silent: {
    description: 'no response to the INVITE at all',
    plan: () => ({ ringAfterMs: null, ending: { kind: 'silence' } }),
  },
  auth_required: {
    description: '407 again and again: the trunk’s user name or password is wrong',
    plan: (random) => challenge(random, 407),
  },
  unauthorized: {
    description: '401 again and again: the trunk’s user name or password is wrong',
    plan: (random) => challenge(random, 401),
  },
  forbidden: { description: '403 Forbidden', plan: (random) => refuse(random, 403, 'Forbidden') },
  busy_everywhere: { description: '600 Busy Everywhere', plan: (random) => refuse(random, 600, 'Busy Everywhere') },
  gone: { description: '410 Gone', plan: (random) => refuse(random, 410, 'Gone') },
  incomplete: { description: '484 Address Incomplete', plan: (random) => refuse(random, 484, 'Address Incomplete') },
  carrier_timeout: { description: '504 Server Time-out', plan: (random) => refuse(random, 504, 'Server Time-out') },
  carrier_fault: {
    description: '500 Server Internal Error',
    plan: (random) => refuse(random, 500, 'Server Internal Error'),
  },
  request_timeout: {
    description: '408 Request Timeout, after some ringing',
    plan: (random) => refuse(random, 408, 'Request Timeout', ringTime(random)),
  },
} as const satisfies Record<string, Behaviour>

export type BehaviourName = keyof typeof behaviours

export const behaviourNames = Object.keys(behaviours) as BehaviourName[]

function answer(
  random: Random,
  conversation: Omit<Conversation, 'endedBy'> & { endedBy?: Conversation['endedBy'] },
  ringMs = ringTime(random),
): CallPlan {
  const ringAfterMs = postDialDelay(random)
  const afterMs = ringAfterMs + ringMs
  return { ringAfterMs, ending: { kind: 'answer', afterMs, conversation: { endedBy: 'agent', ...conversation } } }
}

function refuse(random: Random, sipStatus: number, reason: string, ringMs = 0): CallPlan {
  const delay = postDialDelay(random)
  const ringAfterMs = ringMs > 0 ? delay : null
  return { ringAfterMs, ending: { kind: 'refuse', afterMs: delay + ringMs, refusal: { sipStatus, reason } } }
}

function challenge(random: Random, sipStatus: 401 | 407): CallPlan {
  return { ringAfterMs: null, ending: { kind: 'challenge', afterMs: postDialDelay(random), sipStatus } }
}

function postDialDelay(random: Random): number {
  return between(random, 400, 2_000)
}

function ringTime(random: Random): number {
  return between(random, 3_000, 25_000)
}
