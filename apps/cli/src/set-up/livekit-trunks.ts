import type { Provider } from '@outdial/policy/states'
import type { LiveKit } from '@outdial/telephony/livekit'
import type { OutboundTrunk, OutboundTrunkSettings } from '@outdial/telephony/outbound-trunk'
import { completeCarrier } from '@outdial/telephony/provider-profiles'
import { writeTable } from '../table.ts'
import { UsageError } from '../usage-error.ts'

export type TrunkOptions = {
  name?: string
  address?: string
  number?: string[]
  transport?: NonNullable<OutboundTrunkSettings['transport']>
  encryption?: NonNullable<OutboundTrunkSettings['mediaEncryption']>
  username?: string
  header?: [string, string][]
  fromHost?: string
  country?: string
  allow?: string[]
  provider?: Provider
  password?: string | undefined
}

export async function listTrunks(livekit: LiveKit): Promise<void> {
  const [outbound, inbound] = await Promise.all([livekit.listOutboundTrunks(), livekit.inbound.listTrunks()])
  const userOf = (trunk: { authUsername: string; hasPassword: boolean }) =>
    trunk.hasPassword ? trunk.authUsername : trunk.authUsername && `${trunk.authUsername} (no password)`
  const rows = [
    ...outbound.map((each) => [
      ...[each.livekitTrunkId, 'out', each.name, each.numbers.join(' ')],
      ...[`${each.address} ${each.transport}`, userOf(each)],
    ]),
    ...inbound.map((each) => [
      ...[each.livekitTrunkId, 'in', each.name, each.numbers.join(' ')],
      ...[
        each.allowedAddresses.length > 0 ? `from ${each.allowedAddresses.join(' ')}` : 'from everywhere',
        userOf(each),
      ],
    ]),
  ]
  process.stdout.write(writeTable(['id', 'way', 'name', 'numbers', 'address', 'user'], rows))
}

/** Refuses a second trunk for the same line: the limits of the two would add up beyond what the carrier allows. */
export async function createOutboundTrunk(livekit: LiveKit, options: TrunkOptions): Promise<void> {
  const { name = 'Outdial', number: numbers = [], provider = 'other', allow } = options
  if (allow) throw new UsageError('--allow is for inbound trunks. Add --inbound, or leave it out.')
  if (numbers.length === 0) throw new UsageError('No number is named. Add --number with one of the trunk.')
  checkPassword(options)
  const wish = { address: options.address, transport: options.transport, mediaEncryption: options.encryption }
  const carrier = completeCarrier(provider, wish)
  if (!carrier.ok) throw new UsageError(`--${carrier.problem.field} ${carrier.problem.message}.`)
  const settings = { ...settingsOf(options), ...carrier.carrier, name, numbers }
  const twin = (await livekit.listOutboundTrunks()).find((each) => isSameLine(each, settings))
  if (twin) {
    const change = `outdial livekit trunk update ${twin.livekitTrunkId}`
    throw new UsageError(
      `The trunk ${twin.livekitTrunkId} (${twin.name}) leads there already. Change it with ${change}.`,
    )
  }
  const { livekitTrunkId } = await livekit.createOutboundTrunk(settings)
  process.stdout.write(`${livekitTrunkId}\n`)
  process.stderr.write(`Created. Tell Outdial with POST /api/v1/trunks and "livekitTrunkId": "${livekitTrunkId}".\n`)
}

export async function createInboundTrunk(livekit: LiveKit, options: TrunkOptions): Promise<void> {
  const { name = 'Outdial inbound', number: numbers = [], allow, username, password } = options
  refuse(options, ['address', 'transport', 'encryption', 'header', 'fromHost', 'country'])
  if (numbers.length === 0) throw new UsageError('No number is named. Add --number with the one that is called.')
  checkPassword(options)
  const taken = (await livekit.inbound.listTrunks()).find((each) => each.numbers.some((one) => numbers.includes(one)))
  if (taken) {
    const change = `outdial livekit trunk update ${taken.livekitTrunkId}`
    throw new UsageError(`The trunk ${taken.livekitTrunkId} (${taken.name}) has that number. Change it with ${change}.`)
  }
  const { livekitTrunkId } = await livekit.inbound.createTrunk({
    ...{ name, numbers },
    ...(allow && { allowedAddresses: allow }),
    ...(username && password && { authUsername: username, authPassword: password }),
  })
  process.stdout.write(`${livekitTrunkId}\n`)
  process.stderr.write(`Created. Now: outdial livekit dispatch-rule create --trunk ${livekitTrunkId}\n`)
}

export async function changeTrunk(livekit: LiveKit, id: string, options: TrunkOptions): Promise<void> {
  const settings = { ...settingsOf(options), ...(options.name && { name: options.name }) }
  const isInbound = (await livekit.inbound.listTrunks()).some((each) => each.livekitTrunkId === id)
  if (isInbound) refuse(options, ['address', 'transport', 'encryption', 'header', 'fromHost', 'country'])
  else if (options.allow) throw new UsageError(`--allow is for inbound trunks, and ${id} is none.`)
  const { authUsername, authPassword, numbers, name } = settings
  const login = { ...(authUsername && { authUsername }), ...(authPassword && { authPassword }) }
  const inbound = { ...login, ...(numbers && { numbers }), ...(name && { name }) }
  const changes = isInbound ? { ...inbound, ...(options.allow && { allowedAddresses: options.allow }) } : settings
  if (Object.keys(changes).length === 0) throw new UsageError('Nothing is named to change. Add --number or the like.')
  await (isInbound ? livekit.inbound.updateTrunk(id, changes) : livekit.updateOutboundTrunk(id, changes))
  process.stdout.write(`${id} is changed.\n`)
}

/** What was named, but for the name. */
function settingsOf(options: TrunkOptions): Partial<OutboundTrunkSettings> {
  const { address, number: numbers, transport, encryption, username, password, header, fromHost, country } = options
  return {
    ...(address && { address }),
    ...(numbers && { numbers }),
    ...(transport && { transport }),
    ...(encryption && { mediaEncryption: encryption }),
    ...(username && { authUsername: username }),
    ...(password && { authPassword: password }),
    ...(header && { headers: Object.fromEntries(header) }),
    ...(fromHost && { fromHost }),
    ...(country && { destinationCountry: country }),
  }
}

function isSameLine(one: OutboundTrunk, other: { address: string; numbers: string[] }): boolean {
  return one.address === other.address && one.numbers.some((number) => other.numbers.includes(number))
}

function checkPassword({ username, password }: TrunkOptions): void {
  if (username && !password) throw new UsageError(`Set SIP_AUTH_PASSWORD to the password of ${username}.`)
}

function refuse(options: TrunkOptions, names: (keyof TrunkOptions)[]): void {
  const wrong = names.find((each) => options[each] !== undefined)
  if (!wrong) return
  const option = wrong.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
  throw new UsageError(`--${option} is not for inbound trunks. Leave it out.`)
}
