import type { Refusal } from './call-plan.ts'

type CarrierLimit = {
  /** Calls started per second; counted over `windowMs`. */
  callsPerSecond?: number
  concurrency?: number
  /** Simulated ms the rate is measured over; widen it when time runs fast. */
  windowMs?: number
}

type TrunkState = { limit: CarrierLimit; starts: number[]; active: number }

export type CarrierLimits = ReturnType<typeof createCarrierLimits>

/** Limits a carrier puts on a trunk: what goes over is refused with 503, as Twilio does. */
export function createCarrierLimits() {
  const trunks = new Map<string, TrunkState>()

  function stateOf(trunkId: string): TrunkState {
    const known = trunks.get(trunkId)
    if (known) return known
    const state = { limit: {}, starts: [], active: 0 }
    trunks.set(trunkId, state)
    return state
  }

  return {
    set(trunkId: string, limit: CarrierLimit) {
      stateOf(trunkId).limit = limit
    },
    all(): Record<string, CarrierLimit> {
      return Object.fromEntries([...trunks].map(([id, { limit }]) => [id, limit]))
    },
    /** Counts the call in, or says why the carrier refuses it. A call let in must be let out with `release`. */
    admit(trunkId: string, nowMs: number): Refusal | undefined {
      const state = stateOf(trunkId)
      const { callsPerSecond, concurrency, windowMs = 1000 } = state.limit
      if (callsPerSecond !== undefined) {
        state.starts = state.starts.filter((at) => at > nowMs - windowMs)
        if (state.starts.length >= (callsPerSecond * windowMs) / 1000) {
          return { sipStatus: 503, reason: 'Trunk CPS limit exceeded' }
        }
        state.starts.push(nowMs)
      }
      if (concurrency !== undefined && state.active >= concurrency) {
        return { sipStatus: 503, reason: 'Trunk concurrent call limit exceeded' }
      }
      state.active += 1
      return undefined
    },
    release(trunkId: string) {
      stateOf(trunkId).active -= 1
    },
    clear() {
      for (const state of trunks.values()) {
        state.limit = {}
        state.starts = []
      }
    },
  }
}
