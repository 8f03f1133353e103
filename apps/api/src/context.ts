import type { Deps, Who } from '@outdial/dialing/deps'
import type { Clock } from '@outdial/service/clock'

/** What routes work with. The database acts as `api`: it shows one workspace at a time. */
export type RouteDeps = Deps & {
  clock: Pick<Clock, 'now'>
  /** Fires when the process stops, so that streams end. */
  stopping: AbortSignal
  callDefaults: CallDefaults
  /** Real time that a request waits at most for a telephone to be answered. */
  answerPatienceMs: number
}

/** What the installation falls back on where a request names neither agent nor trunk, and the workspace has no choice. */
export type CallDefaults = {
  agentName?: string | undefined
  /** `ST_…`; counts where the workspace has that trunk. */
  livekitTrunkId?: string | undefined
  /** Counts where the trunk has no numbers. */
  fromNumber?: string | undefined
}

/** What the steps before a route leave for it. */
export type ApiEnv = {
  Variables: {
    requestId: string
    /** On whose behalf, below /api/v1. */
    who: Who
    /** Which bucket of the rate limit this request draws from. */
    rateKey: string
    /** The answer holds a secret: a kept copy of it is sealed. */
    hasSecret: boolean
  }
}
