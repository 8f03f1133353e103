import { z } from 'zod'
import { TwilioError, type TwilioRest } from './twilio-rest.ts'

/** An Elastic SIP trunk as it should be. What is not named stays as it is on a trunk that is there. */
export type TwilioTrunkWish = {
  /** The name of trunk and credential list; finds them again. */
  name: string
  /** The part before `.pstn.twilio.com`; without it that of the trunk, or one made of the account's SID. */
  domain?: string | undefined
  /** E.164; numbers of the account. */
  numbers: string[]
  username: string
  /** Used when the user is made, or when `isPasswordNew`; Twilio tells nobody a password. */
  password: string
  isPasswordNew: boolean
  /** LiveKit's SIP host, where inbound calls go, such as `abc.sip.livekit.cloud`; null changes nothing. */
  inboundHost: string | null
  /** TLS and SRTP. A trunk that is secure stays so. */
  isSecure: boolean
  /** Lets LiveKit hand calls over by SIP REFER, to telephones too. */
  isTransferEnabled: boolean
}

export type TwilioStep = { kind: 'there' | 'create' | 'change' | 'note'; text: string }

export type TwilioTrunk = {
  /** `TK…`; null where a dry run would create it. */
  sid: string | null
  /** For LiveKit's outbound trunk. */
  address: string
  isSecure: boolean
  /** Whether the user of the trunk has the wish's password now. */
  isPasswordSet: boolean
}

type Context = {
  twilio: TwilioRest
  wish: TwilioTrunkWish
  isDryRun: boolean
  tell: (step: TwilioStep) => void
}

/**
 * Makes a trunk with credentials, numbers and the way for inbound calls, or completes one. Reads and checks all of it
 * before it changes anything; run again, it finds what is there. A dry run tells the same steps and writes nothing.
 * @throws TwilioError
 */
export async function setUpTwilioTrunk(
  twilio: TwilioRest,
  wish: TwilioTrunkWish,
  options: { isDryRun: boolean; tell: (step: TwilioStep) => void },
): Promise<TwilioTrunk> {
  const context = { twilio, wish, ...options }
  await checkAccount(context)
  const found = await findTrunk(context)
  const numbers = await findNumbers(context, found?.sid)
  const trunk = await ensureTrunk(context, found)
  const isPasswordSet = await ensureCredentials(context, trunk.sid)
  if (wish.inboundHost) {
    const uri = `sip:${wish.inboundHost};transport=${trunk.secure ? 'tls' : 'tcp'}`
    await ensureOrigination(context, { trunkSid: trunk.sid, uri })
  }
  await ensureNumbers(context, { trunkSid: trunk.sid, numbers })
  await warnOfAddressLists(context, trunk.sid)
  return { sid: trunk.sid, address: trunk.domain_name, isSecure: trunk.secure, isPasswordSet }
}

const account = z.looseObject({ status: z.string(), type: z.string(), friendly_name: z.string() })
const number = z.looseObject({
  sid: z.string(),
  phone_number: z.string(),
  trunk_sid: z.string().nullish(),
  voice_url: z.string().nullish(),
  capabilities: z.looseObject({ voice: z.boolean() }),
})
const trunkRow = z.looseObject({
  sid: z.string(),
  friendly_name: z.string().nullable(),
  // A trunk that was made in the console has none before termination is set up.
  domain_name: z.string().nullable(),
  secure: z.boolean(),
  transfer_mode: z.string().nullish(),
})
const named = z.looseObject({ sid: z.string(), friendly_name: z.string() })
const credential = z.looseObject({ sid: z.string(), username: z.string() })
const origination = z.looseObject({ sid: z.string(), sip_url: z.string(), enabled: z.boolean() })
const made = z.looseObject({ sid: z.string() })

type TrunkRow = z.output<typeof trunkRow>
type NumberRow = z.output<typeof number>

async function checkAccount({ twilio, tell }: Context): Promise<void> {
  const { status, type, friendly_name: name } = await twilio.read('account', '', account)
  if (status !== 'active') throw new TwilioError(`The account ${name} is ${status}. Have Twilio reactivate it.`)
  tell({ kind: 'there', text: `account ${name} (${twilio.accountSid})` })
  if (type === 'Trial')
    tell({ kind: 'note', text: 'A trial account calls only numbers that you verified with Twilio.' })
}

async function findTrunk({ twilio, wish }: Context): Promise<TrunkRow | null> {
  const trunks = await twilio.list('trunking', '/Trunks', { key: 'trunks', row: trunkRow })
  const wanted = wish.domain && domainOf(wish.domain)
  const fitting = trunks.filter((each) => (wanted ? each.domain_name === wanted : each.friendly_name === wish.name))
  if (fitting.length < 2) return fitting[0] ?? null
  const domains = fitting.map((each) => each.domain_name ?? each.sid).join(', ')
  throw new TwilioError(`Several trunks are called ${wish.name}: ${domains}. Name one with --domain.`)
}

/** Every number must be the account's own, speak, and be free. */
async function findNumbers({ twilio, wish }: Context, trunkSid: string | undefined): Promise<NumberRow[]> {
  const found: NumberRow[] = []
  for (const wanted of wish.numbers) {
    const path = `/IncomingPhoneNumbers?PhoneNumber=${encodeURIComponent(wanted)}`
    const rows = await twilio.list('account', path, { key: 'incoming_phone_numbers', row: number })
    // The filter matches parts of numbers as well.
    const row = rows.find((each) => each.phone_number === wanted)
    if (!row) throw new TwilioError(`${wanted} is not a number of this account. Buy it, or name another with --number.`)
    if (!row.capabilities.voice) throw new TwilioError(`${wanted} cannot make calls. Name a number with voice.`)
    if (row.trunk_sid && row.trunk_sid !== trunkSid) {
      throw new TwilioError(
        `${wanted} is on the trunk ${row.trunk_sid}. Remove it there first, or name another number.`,
      )
    }
    found.push(row)
  }
  return found
}

async function ensureTrunk(
  { twilio, wish, isDryRun, tell }: Context,
  found: TrunkRow | null,
): Promise<{ sid: string | null; domain_name: string; secure: boolean }> {
  const domain = domainOf(wish.domain ?? `outdial-${twilio.accountSid.slice(-10).toLowerCase()}`)
  const form: Record<string, string> = {
    ...(!found && { FriendlyName: wish.name }),
    ...(!found?.domain_name && { DomainName: domain }),
    ...(wish.isSecure && !found?.secure && { Secure: 'true' }),
    ...(wish.isTransferEnabled && found?.transfer_mode !== 'enable-all' && { TransferMode: 'enable-all' }),
  }
  const after = { domain_name: found?.domain_name ?? domain, secure: wish.isSecure || Boolean(found?.secure) }
  const changes = Object.entries(form).map(([field, value]) => `${field} ${value}`)
  if (found && changes.length === 0) {
    tell({ kind: 'there', text: `trunk ${found.friendly_name ?? ''} (${found.sid}, ${after.domain_name})` })
    return { sid: found.sid, ...after }
  }
  tell({ kind: found ? 'change' : 'create', text: `trunk ${found?.sid ?? wish.name}: ${changes.join(', ')}` })
  if (isDryRun) return { sid: found?.sid ?? null, ...after }
  const path = found ? `/Trunks/${found.sid}` : '/Trunks'
  const { sid } = await twilio.write('trunking', path, { form, answer: made })
  return { sid, ...after }
}

/** The user with whom LiveKit calls out. Returns whether it has the wish's password. */
async function ensureCredentials(context: Context, trunkSid: string | null): Promise<boolean> {
  const { twilio, wish, tell } = context
  const lists = await twilio.list('account', '/SIP/CredentialLists', { key: 'credential_lists', row: named })
  const list = lists.find((each) => each.friendly_name === wish.name)
  const create = { api: 'account', path: '/SIP/CredentialLists', form: { FriendlyName: wish.name } } as const
  const listSid = list?.sid ?? (await carryOut(context, { ...create, text: `credential list ${wish.name}` }))
  if (list) tell({ kind: 'there', text: `credential list ${wish.name} (${list.sid})` })
  const isPasswordSet = await ensureUser(context, { listSid, isListThere: Boolean(list) })

  const attached = trunkSid
    ? await twilio.list('trunking', `/Trunks/${trunkSid}/CredentialLists`, { key: 'credential_lists', row: named })
    : []
  const text = `credential list ${wish.name} on the trunk`
  if (attached.some((each) => each.sid === listSid)) tell({ kind: 'there', text })
  else {
    const form = { CredentialListSid: listSid ?? '' }
    await carryOut(context, { api: 'trunking', path: `/Trunks/${trunkSid}/CredentialLists`, form, text })
  }
  return isPasswordSet
}

async function ensureUser(
  context: Context,
  { listSid, isListThere }: { listSid: string | null; isListThere: boolean },
): Promise<boolean> {
  const { twilio, tell } = context
  const { username: Username, password: Password, isPasswordNew } = context.wish
  const path = `/SIP/CredentialLists/${listSid}/Credentials`
  const users = isListThere ? await twilio.list('account', path, { key: 'credentials', row: credential }) : []
  const user = users.find((each) => each.username === Username)
  if (user && !isPasswordNew) {
    tell({ kind: 'there', text: `user ${Username}, with the password it has` })
    return false
  }
  const change: Omit<Change, 'api'> = user
    ? { kind: 'change', path: `${path}/${user.sid}`, form: { Password }, text: `password of the user ${Username}` }
    : { path, form: { Username, Password }, text: `user ${Username}` }
  await carryOut(context, { api: 'account', ...change })
  return true
}

async function ensureOrigination(context: Context, { trunkSid, uri }: { trunkSid: string | null; uri: string }) {
  const { twilio, wish, tell } = context
  const path = `/Trunks/${trunkSid}/OriginationUrls`
  const rows = trunkSid ? await twilio.list('trunking', path, { key: 'origination_urls', row: origination }) : []
  for (const other of rows.filter((each) => each.enabled && hostOf(each.sip_url) !== hostOf(uri))) {
    tell({
      kind: 'note',
      text: `Inbound calls go to ${other.sip_url} as well. Remove it in the console if they should not.`,
    })
  }
  const row = rows.find((each) => hostOf(each.sip_url) === hostOf(uri))
  const text = `inbound calls to ${uri}`
  if (row && row.sip_url === uri && row.enabled) return tell({ kind: 'there', text })
  const form = { SipUrl: uri, Enabled: 'true' }
  if (row) {
    await carryOut(context, { kind: 'change', api: 'trunking', path: `${path}/${row.sid}`, form, text })
  } else {
    const all = { FriendlyName: wish.name, Priority: '10', Weight: '10', ...form }
    await carryOut(context, { api: 'trunking', path, form: all, text })
  }
}

async function ensureNumbers(
  context: Context,
  { trunkSid, numbers }: { trunkSid: string | null; numbers: NumberRow[] },
): Promise<void> {
  for (const { sid, phone_number: e164, trunk_sid: current, voice_url: voiceUrl } of numbers) {
    const text = `number ${e164} on the trunk`
    if (trunkSid && current === trunkSid) {
      context.tell({ kind: 'there', text })
      continue
    }
    if (voiceUrl) context.tell({ kind: 'note', text: `${e164} will no longer use its voice URL ${voiceUrl}.` })
    const path = `/Trunks/${trunkSid}/PhoneNumbers`
    await carryOut(context, { api: 'trunking', path, form: { PhoneNumberSid: sid }, text })
  }
}

/** With such a list Twilio refuses every other source, and LiveKit Cloud calls from changing addresses. */
async function warnOfAddressLists({ twilio, tell }: Context, trunkSid: string | null): Promise<void> {
  if (!trunkSid) return
  const path = `/Trunks/${trunkSid}/IpAccessControlLists`
  for (const { friendly_name: name } of await twilio.list('trunking', path, {
    key: 'ip_access_control_lists',
    row: named,
  })) {
    tell({
      kind: 'note',
      text: `The trunk accepts calls only from the addresses in ${name}; LiveKit Cloud has no fixed ones.`,
    })
  }
}

type Change = {
  kind?: 'create' | 'change'
  api: 'account' | 'trunking'
  path: string
  form: Record<string, string>
  text: string
}

/** Returns the SID; null in a dry run. */
async function carryOut({ twilio, isDryRun, tell }: Context, change: Change): Promise<string | null> {
  const { kind = 'create', api, path, form, text } = change
  tell({ kind, text })
  if (isDryRun) return null
  return (await twilio.write(api, path, { form, answer: made })).sid
}

function domainOf(domain: string): string {
  return `${domain.toLowerCase().replace(/\.pstn\.twilio\.com$/, '')}.pstn.twilio.com`
}

function hostOf(sipUri: string): string {
  return sipUri
    .replace(/^sips?:(\/\/)?/i, '')
    .replace(/[;?].*$/, '')
    .toLowerCase()
}
