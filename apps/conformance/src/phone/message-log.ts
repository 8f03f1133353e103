/** One SIP message as sipp sent or received it. */
export type SipMessage = {
  /** Real ms since the epoch, with fractions. */
  atMs: number
  direction: 'received' | 'sent'
  /** Of a request. */
  method?: string
  uri?: string
  /** Of a response. */
  status?: number
  reason?: string
  /** By lower-case name; the first of several. */
  headers: Map<string, string>
  body: string
}

const separator = /^-{20,} (\d{4}-\d\d-\d\d)[ T\t](\d\d:\d\d:\d\d\.\d+)\n\w+ message (received|sent).*\n\n/gm

/**
 * Reads what `sipp -trace_msg` writes when its clock is set to UTC. `rest` is a message at the end that is not there
 * as a whole yet: put what comes later behind it.
 */
export function readMessageLog(text: string): { messages: SipMessage[]; rest: string } {
  const heads = [...text.matchAll(separator)]
  const messages: SipMessage[] = []
  let rest = text
  for (const [index, head] of heads.entries()) {
    const [whole, day, time, direction] = head
    const start = head.index + whole.length
    const raw = text.slice(start, heads[index + 1]?.index)
    const length = lengthOf(raw)
    if (length === undefined) {
      rest = text.slice(head.index)
      continue
    }
    rest = text.slice(start + length)
    const message = parseMessage(raw.slice(0, length))
    if (!message) continue
    messages.push({ ...message, atMs: toMs(`${day}T${time}`), direction: direction as SipMessage['direction'] })
  }
  return { messages, rest }
}

/** Of the message that this begins with; undefined while it is not there as a whole. */
function lengthOf(raw: string): number | undefined {
  const end = /\r?\n\r?\n/.exec(raw)
  if (!end) return undefined
  const promised = Number(/^content-length:\s*(\d+)/im.exec(raw)?.[1] ?? 0)
  const length = end.index + end[0].length + promised
  return raw.length < length ? undefined : length
}

function toMs(text: string): number {
  const [whole = '', fraction = '0'] = text.split('.')
  return Date.parse(`${whole}Z`) + Number(`0.${fraction}`) * 1000
}

function parseMessage(raw: string): Omit<SipMessage, 'atMs' | 'direction'> | undefined {
  const text = raw.replaceAll('\r', '')
  const end = text.indexOf('\n\n')
  if (end < 0) return undefined
  const [first = '', ...lines] = text.slice(0, end).split('\n')
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  const body = text.slice(end + 2).trimEnd()
  const response = /^SIP\/2\.0 (\d{3}) ?(.*)$/.exec(first)
  if (response) return { status: Number(response[1]), reason: response[2] ?? '', headers, body }
  const request = /^([A-Z]+) (\S+) SIP\/2\.0$/.exec(first)
  if (request?.[1] && request[2]) return { method: request[1], uri: request[2], headers, body }
  return undefined
}
