import type { Signal } from '@outdial/policy/signal'

/** One callback of a trunk's provider, in our words. */
export type ProviderEvent = {
  /** The same in every repetition. */
  eventId: string
  /** What the provider calls it, such as `in-progress`. */
  event: string
  /** Ids that the provider has for the call, the likeliest first. */
  providerCallIds: string[]
  /** What it means for the call; nothing, for some events. */
  signals: Signal[]
}

const dayMs = 24 * 3_600_000

/** The moment that a callback gives, or that of its receipt where it gives none, or one that cannot be. */
export function plausibleTime(ms: number, receivedAt: Date): Date {
  return Math.abs(ms - receivedAt.getTime()) <= dayMs ? new Date(ms) : receivedAt
}
