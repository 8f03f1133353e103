import type { Deps } from '../deps.ts'
import { namesPrivateAddress } from '../notices/public-address.ts'
import { InvalidInput } from '../refusals.ts'

/** Better now than at the first call. What a host's name leads to is seen when it is asked. Throws InvalidInput. */
export function checkPredialUrl({ allowPrivateNotices }: Pick<Deps, 'allowPrivateNotices'>, url: string | null): void {
  if (!url || allowPrivateNotices || !namesPrivateAddress(new URL(url))) return
  const message = 'names a private or local address: only public ones are asked, unless NOTICES_ALLOW_PRIVATE is true'
  throw new InvalidInput([{ field: 'predialUrl', code: 'private_address', message }])
}
