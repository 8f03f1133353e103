import type { CampaignStatus } from './states.ts'

export const campaignActions = ['start', 'pause', 'resume', 'stop'] as const
export type CampaignAction = (typeof campaignActions)[number]

/** Where each action leads. An action that leads to the status it starts from has been done already. */
const moves = {
  idle: { start: 'running', stop: 'idle' },
  running: { start: 'running', pause: 'paused', resume: 'running', stop: 'idle' },
  paused: { pause: 'paused', resume: 'running', stop: 'idle' },
  /** Every contact is finished; calling them again is a new campaign. */
  completed: {},
  /** Stopped by the system with a reason to put right first. */
  error: { resume: 'running', stop: 'idle' },
} as const satisfies Record<CampaignStatus, Partial<Record<CampaignAction, CampaignStatus>>>

export type CampaignMove =
  | { ok: true; status: CampaignStatus; changed: boolean }
  | { ok: false; allowed: CampaignAction[] }

/** What an action makes of a campaign; repeating one is fine and changes nothing. */
export function moveCampaign(status: CampaignStatus, action: CampaignAction): CampaignMove {
  const from: Partial<Record<CampaignAction, CampaignStatus>> = moves[status]
  const to = from[action]
  if (to) return { ok: true, status: to, changed: to !== status }
  return { ok: false, allowed: campaignActions.filter((other) => from[other] !== undefined && from[other] !== status) }
}
