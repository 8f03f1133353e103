import type { Deps, Who } from '@outdial/dialing/deps'
import type { Clock } from '@outdial/service/clock'
import type { CallDefaults } from '@outdial/service/environment'

/** What routes work with. The database acts as `api`: it shows one workspace at a time. */
export type RouteDeps = Deps & {
  clock: Pick<Clock, 'now'>
  /** Fires when the process stops, so that streams end. */
  stopping: AbortSignal
  callDefaults: CallDefaults
  /** Real time that a request waits at most for a telephone to be answered. */
  answerPatienceMs: number
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
