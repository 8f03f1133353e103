import { type Country, parsePhoneNumber, parsePossibleNumber } from '@outdial/policy/phone-number'

/** A SIP header that no carrier would get, or that would break the call. The message names the header. */
export class SipHeaderError extends Error {
  override readonly name = 'SipHeaderError'
  readonly header: string

  constructor(header: string, message: string) {
    super(message)
    this.header = header
  }
}

/** A transfer target that is neither a telephone number nor a SIP address. */
export class TransferTargetError extends Error {
  override readonly name = 'TransferTargetError'
}

/**
 * The SIP headers of one call: the campaign's, and those the call's metadata stands for, which win.
 * Other metadata becomes no header. Throws `SipHeaderError`, or `TransferTargetError` for `transfer_target`.
 * `country` reads a transfer target written in national form.
 */
export function callHeaders(
  metadata: Record<string, unknown>,
  campaignHeaders: Record<string, string> = {},
  { country }: { country?: Country } = {},
): Record<string, string> {
  const headers = new Map<string, [name: string, value: string]>()
  for (const [name, value] of Object.entries(campaignHeaders)) {
    if (value !== '') headers.set(name.toLowerCase(), [name, value])
  }
  for (const [field, name] of Object.entries(headerOfField)) {
    const value = textOf(metadata[field], { field, name })
    if (value === '') continue
    headers.set(name.toLowerCase(), [
      name,
      field === 'transfer_target' ? normaliseTransferTarget(value, country) : value,
    ])
  }
  return checkHeaders(Object.fromEntries(headers.values()))
}

/** The same headers, or `SipHeaderError`. The rules are LiveKit's, plus the headers a carrier must never see twice. */
export function checkHeaders(headers: Record<string, string>): Record<string, string> {
  const names = Object.keys(headers)
  if (names.length > maxHeaders) {
    const one = names[maxHeaders] ?? ''
    throw new SipHeaderError(
      one,
      `There are ${names.length} SIP headers; keep at most ${maxHeaders}, for example without ${one}.`,
    )
  }
  for (const [name, value] of Object.entries(headers)) checkHeader(name, value)
  return headers
}

/**
 * Where a call is handed over to, as SIP REFER wants it: `tel:+4930123456` or `sip:desk@example.com`.
 * Takes a number in any usual form, or a SIP address with or without its scheme.
 */
export function normaliseTransferTarget(target: string, country?: Country): string {
  const trimmed = target.trim()
  const scheme = /^(tel|sips?):/i.exec(trimmed)?.[1]?.toLowerCase()
  const rest = scheme ? trimmed.slice(scheme.length + 1) : trimmed
  if (scheme === 'sip' || scheme === 'sips') return `${scheme}:${sipAddress(rest, target)}`
  if (scheme === undefined && rest.includes('@')) return `sip:${sipAddress(rest, target)}`
  const number = country && !rest.startsWith('+') ? parsePhoneNumber(rest, country) : parsePossibleNumber(rest)
  if (number.ok) return `tel:${number.e164}`
  throw new TransferTargetError(
    `"${shown(target)}" is no transfer target: ${number.reason.message} A SIP address such as sip:desk@example.com works too.`,
  )
}

const headerOfField: Record<string, string> = {
  account_code: 'X-Account-Code',
  caller_id: 'X-Caller-Id',
  caller_name: 'X-Caller-Name',
  transfer_target: 'X-Transfer-Target',
  destination: 'X-Destination',
}

/** More would push the INVITE over what fits into UDP packets. */
const maxHeaders = 32
const maxNameBytes = 255
const maxValueBytes = 1024

/** They carry the call itself (RFC 3261, 3265, 3515); the one-letter names are their short forms. */
const reserved = new Set(
  [
    ['accept', 'accept-encoding', 'accept-language', 'allow', 'allow-events', 'authorization', 'call-id', 'contact'],
    ['content-disposition', 'content-encoding', 'content-length', 'content-type', 'cseq', 'event', 'expires', 'from'],
    ['max-forwards', 'min-se', 'proxy-authenticate', 'proxy-authorization', 'proxy-require', 'rack', 'record-route'],
    ['refer-to', 'reply-to', 'require', 'route', 'rseq', 'session-expires', 'supported', 'to', 'unsupported', 'via'],
    ['www-authenticate', 'c', 'e', 'f', 'i', 'k', 'l', 'm', 'o', 'r', 't', 'u', 'v', 'x'],
  ].flat(),
)

function checkHeader(name: string, value: string): void {
  const refuse = (why: string): never => {
    throw new SipHeaderError(name, `SIP header "${shown(name)}" ${why}`)
  }
  if (!/^[A-Za-z0-9.!%*_+`'~-]+$/.test(name)) {
    refuse('has a name that SIP does not allow. Use letters, digits and hyphens, such as X-Account-Code.')
  }
  if (name.length > maxNameBytes) refuse(`has a name longer than ${maxNameBytes} characters. Shorten it.`)
  if (reserved.has(name.toLowerCase())) refuse('is set by the call itself. Use a name of your own, beginning with X-.')
  if (/^x-twilio-/i.test(name)) refuse('is reserved for Twilio. Use another name beginning with X-.')
  if (typeof value !== 'string') refuse('has a value that is no text. Write it in quotes.')
  if (/\p{Cc}/u.test(value.replaceAll('\t', ' '))) {
    refuse('has a line break or another control character in its value. Remove it.')
  }
  if (Buffer.byteLength(value) > maxValueBytes) refuse(`has a value longer than ${maxValueBytes} bytes. Shorten it.`)
}

function textOf(value: unknown, { field, name }: { field: string; name: string }): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value.trim()
  if (typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw new SipHeaderError(name, `The metadata field ${field}, sent as SIP header ${name}, must be a text or a number.`)
}

/** `user@host[:port][;parameters]`; brackets, spaces and headers would let a target smuggle in more than an address. */
function sipAddress(address: string, target: string): string {
  if (/^[^\s@<>"?\p{Cc}]+@[A-Za-z0-9.[\]:-]+(?:;[^\s@<>"?\p{Cc}]+)?$/u.test(address)) return address
  throw new TransferTargetError(
    `"${shown(target)}" is no SIP address. Write it like sip:desk@example.com, without brackets and spaces.`,
  )
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 80)).slice(1, -1)
}
