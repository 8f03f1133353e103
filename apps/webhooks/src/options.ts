import type { Clock, Deps } from '@outdial/dialing/deps'
import type { ProviderSettings } from '@outdial/service/environment'

/** `livekit` is the key that signs LiveKit's webhooks; `providers` what Twilio and Exotel are known by. */
export type WebhooksOptions = {
  deps: Deps
  clock: Clock & { realNow(): Date }
  livekit: { apiKey: string; apiSecret: string }
  providers?: ProviderSettings
}
