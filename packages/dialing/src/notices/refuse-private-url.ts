import type { Deps } from '../deps.ts'
import { InvalidInput } from '../refusals.ts'
import { namesPrivateAddress } from './public-address.ts'

/** Better now than at the first notice. What a host's name leads to is seen when it is sent. Throws InvalidInput. */
export function refusePrivateUrl(
  { allowPrivateNotices }: Pick<Deps, 'allowPrivateNotices'>,
  { field, url }: { field: string; url: string | null | undefined },
): void {
  if (!url || allowPrivateNotices || !namesPrivateAddress(new URL(url))) return
  const message = 'names a private or local address: notices go to public ones, unless NOTICES_ALLOW_PRIVATE is true'
  throw new InvalidInput([{ field, code: 'private_address', message }])
}
