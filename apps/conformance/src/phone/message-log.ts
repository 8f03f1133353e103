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

/** Reads what `sipp -trace_msg` writes when its clock is set to UTC. What is half written at the end is left out. */
export function readMessageLog(text: string): SipMessage[] {
  const heads = [...text.matchAll(separator)]
  return heads.flatMap((head, index) => {
    const [whole, day, time, direction] = head
    const raw = text.slice(head.index + whole.length, heads[index + 1]?.index)
    const message = parseMessage(raw)
    if (!message) return []
    return [{ ...message, atMs: toMs(`${day}T${time}`), direction: direction as SipMessage['direction'] }]
  })
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
