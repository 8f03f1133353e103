import type { LedgerCall, Moment } from '../evidence.ts'

type Facts = {
  disposition: string
  outcome?: string
  signals: string[]
  burned: boolean
  seen: Partial<LedgerCall>
}
export type Draw = (moment: (second: number) => Moment, times: { second: number; over: number }) => Facts

const answered =
  (outcome: string | undefined): Draw =>
  (moment, { second }) => ({
    ...{ disposition: 'completed', signals: ['answered', 'leg_left', 'agent_report'], burned: true },
    ...(outcome && { outcome }),
    seen: {
      ...{ ringing: moment(second + 1), answered: moment(second + 2), agentJoined: moment(second + 1) },
      ...{ ending: 'hung_up', hungUpBy: 'agent', sipStatus: 200 },
      ...(outcome && { outcome }),
    },
  })

/** How a call can end, as the network sees it and as the engine writes it. */
export const endings = {
  busy: () => ({
    ...{ disposition: 'busy', signals: ['dial_failed'], burned: true },
    seen: { ending: 'refused', hungUpBy: 'carrier', sipStatus: 486 },
  }),
  no_answer: (moment, { second }) => ({
    ...{ disposition: 'no_answer', signals: ['dial_failed'], burned: true },
    seen: { ringing: moment(second + 1), ending: 'canceled', hungUpBy: 'ringing_timeout', sipStatus: 487 },
  }),
  refused: () => ({
    ...{ disposition: 'trunk_error', signals: ['dial_failed'], burned: false },
    seen: { ending: 'refused', hungUpBy: 'carrier', sipStatus: 503 },
  }),
  invalid: () => ({
    ...{ disposition: 'invalid_number', signals: ['dial_failed'], burned: true },
    seen: { ending: 'refused', hungUpBy: 'carrier', sipStatus: 404 },
  }),
  moved: () => ({
    ...{ disposition: 'invalid_number', signals: ['dial_failed'], burned: true },
    seen: { ending: 'refused', hungUpBy: 'carrier', sipStatus: 302 },
  }),
  interested: answered('interested'),
  callback: answered('callback'),
  voicemail: answered('voicemail'),
  hangs_up: answered(undefined),
} as const satisfies Record<string, Draw>

export type Ending = keyof typeof endings
