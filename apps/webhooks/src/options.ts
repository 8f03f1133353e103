import type { Clock, Deps } from '@outdial/dialing/deps'

/** `livekit` is the key that signs LiveKit's webhooks. */
export type WebhooksOptions = {
  deps: Deps
  clock: Clock & { realNow(): Date }
  livekit: { apiKey: string; apiSecret: string }
}
