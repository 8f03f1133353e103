/** The LiveKit side of a trunk that we made there. Passwords pass through here and stay nowhere. */
import type { TrunkOnLiveKit } from '@outdial/database/schema/assistants'
import type { Provider } from '@outdial/policy/states'
import type { LiveKit } from '@outdial/telephony/livekit'
import { LiveKitError } from '@outdial/telephony/livekit-error'
import type { OutboundTrunk } from '@outdial/telephony/outbound-trunk'
import { completeCarrier } from '@outdial/telephony/provider-profiles'
import { checkHeaders, SipHeaderError } from '@outdial/telephony/sip-headers'
import { Conflict, InvalidInput } from '../refusals.ts'
import type { CarrierInput } from './trunk-input.ts'

type TrunkWish = { provider: Provider; name: string; numbers: string[]; livekit: CarrierInput }

/**
 * Makes the trunk on LiveKit. It carries our id, so that a repeat after a crash finds what the first try made.
 * @throws InvalidInput naming the field that provider or LiveKit refuse
 */
export async function makeOnLiveKit(
  livekit: LiveKit,
  wish: TrunkWish & { trunkId: string; mayBeThere: boolean },
): Promise<OutboundTrunk> {
  const carrier = checkCarrier(wish.provider, wish.livekit)
  const metadata = JSON.stringify({ outdial_trunk_id: wish.trunkId })
  return explaining(async () => {
    const known = wish.mayBeThere ? await livekit.listOutboundTrunks() : []
    const mine = known.find((trunk) => trunk.metadata === metadata)
    const { name, numbers } = wish
    return mine ?? (await livekit.createOutboundTrunk({ ...wish.livekit, ...carrier, name, numbers, metadata }))
  })
}

/** @throws InvalidInput, or Conflict when LiveKit has the trunk no more */
export async function changeOnLiveKit(
  livekit: LiveKit,
  trunk: TrunkWish & { livekitTrunkId: string; before: TrunkOnLiveKit },
): Promise<OutboundTrunk> {
  const { provider, name, numbers, before } = trunk
  const { address, transport, mediaEncryption } = { ...before, ...trunk.livekit }
  const carrier = checkCarrier(provider, { ...trunk.livekit, address, transport, mediaEncryption })
  if (numbers.length === 0) {
    const message = 'must have at least one number: LiveKit takes the caller from here'
    throw new InvalidInput([{ field: 'numbers', code: 'too_small', message }])
  }
  // A password without its user would stay behind, and nobody could see it.
  const forget = trunk.livekit.authUsername === '' ? { authPassword: '' } : {}
  const changes = { ...trunk.livekit, ...carrier, ...forget, name, numbers }
  return explaining(() => livekit.updateOutboundTrunk(trunk.livekitTrunkId, changes))
}

/** What we keep of it. */
export function toStored(trunk: OutboundTrunk): TrunkOnLiveKit {
  const { address, transport, authUsername, hasPassword, headers, fromHost, destinationCountry } = trunk
  const { mediaEncryption } = trunk
  return { address, transport, authUsername, hasPassword, headers, fromHost, destinationCountry, mediaEncryption }
}

function checkCarrier(
  provider: Provider,
  wish: CarrierInput,
): { address: string; transport: OutboundTrunk['transport'] } {
  const refuse = (field: string, message: string) =>
    new InvalidInput([{ field: `livekit.${field}`, code: 'does_not_fit', message }])
  const completed = completeCarrier(provider, wish)
  if (!completed.ok) throw refuse(completed.problem.field, completed.problem.message)
  try {
    checkHeaders(wish.headers ?? {})
  } catch (error) {
    if (error instanceof SipHeaderError) throw refuse('headers', error.message)
    throw error
  }
  return completed.carrier
}

/** What LiveKit refuses is the caller's to mend; that it cannot be reached is not. */
export async function explaining<T>(request: () => Promise<T>, field = 'livekit'): Promise<T> {
  try {
    return await request()
  } catch (error) {
    if (!(error instanceof LiveKitError)) throw error
    if (error.trouble === 'refused') {
      throw new InvalidInput([{ field, code: 'refused_by_livekit', message: error.message }])
    }
    if (error.trouble !== 'not_found') throw error
    const message = 'LiveKit has this no more: somebody deleted it there. Delete it here as well, and create it anew.'
    throw new Conflict('missing_on_livekit', message)
  }
}
