/** The telephone's own tag; one per call. */
export const tag = 'phone[pid]x[call_number]'

export const contact = 'Contact: <sip:telephone@[local_ip]:[local_port];transport=[transport]>'

/** PCMU and telephone events, as an answer to an offer or as an offer of its own. */
export function sessionDescription(mediaPort: number): string {
  return `v=0
o=telephone [call_number] 1 IN IP4 [media_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio ${mediaPort} RTP/AVP 0 ${telephoneEvent}
a=rtpmap:0 PCMU/8000
a=rtpmap:${telephoneEvent} telephone-event/8000
a=fmtp:${telephoneEvent} 0-15
a=ptime:20
a=sendrecv`
}

/** The payload type of DTMF, as livekit-sip offers it (RFC 4733). */
export const telephoneEvent = 101

type Response = {
  status: number
  reason: string
  headers?: string[]
  body?: string
  next?: string
  /** sipp sends nothing else before the ACK unless this is set. */
  isSentOnce?: boolean
}

/** A 1xx to the INVITE, which must be the last message of the caller. */
export function provisional({ status, reason, body }: Response): string {
  const head = [`SIP/2.0 ${status} ${reason}`, ...echoed, ...newDialog, '[last_CSeq:]', contact]
  return send({ head: [...head, ...(body ? ['Content-Type: application/sdp'] : [])], body })
}

/** The final response to the INVITE, repeated until the ACK. A CANCEL may have come since. */
export function finalResponse({ status, reason, headers = [], body, next, isSentOnce }: Response): string {
  const head = [`SIP/2.0 ${status} ${reason}`, ...echoed, ...newDialog, 'CSeq: [$cseq] INVITE', contact, ...headers]
  return send({
    head: [...head, ...(body ? ['Content-Type: application/sdp'] : [])],
    body,
    next,
    isRepeated: !isSentOnce,
  })
}

/** The response to any other request. `newTag`: the request came before there was a dialog. */
export function answerRequest({ status, reason, newTag, next }: Response & { newTag?: boolean }): string {
  const to = newTag ? newDialog : ['[last_To:]', '[last_Call-ID:]']
  return send({ head: [`SIP/2.0 ${status} ${reason}`, ...echoed, ...to, '[last_CSeq:]', contact], next })
}

/** A request of the telephone within the call: from `local` to `remote`, which is at `contact`. */
export function inDialog(request: { method: string; cseq: number; headers?: string[]; body?: string }): string {
  const { method, cseq, headers = [], body } = request
  return send({ head: [...requestHead(method, cseq), ...headers], body, isRepeated: true })
}

export function acknowledge(cseq: number): string {
  return send({ head: requestHead('ACK', cseq) })
}

const echoed = ['[last_Via:]', '[last_From:]']
const newDialog = [`To: [$callee];tag=${tag}`, '[last_Call-ID:]']

function requestHead(method: string, cseq: number): string[] {
  return [
    `${method} [$contact] SIP/2.0`,
    'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]',
    'From: [$local]',
    'To: [$remote]',
    'Call-ID: [call_id]',
    `CSeq: ${cseq} ${method}`,
    contact,
    'Max-Forwards: 70',
  ]
}

type Message = { head: string[]; body?: string | undefined; next?: string | undefined; isRepeated?: boolean }

export function send({ head, body, next, isRepeated }: Message): string {
  const attributes = `${isRepeated ? ' retrans="500"' : ''}${next ? ` next="${next}"` : ''}`
  const lines = [...head, `Content-Length: ${body ? '[len]' : 0}`, '', ...(body ? [body, ''] : [])]
  return `<send${attributes}><![CDATA[\n\n${lines.join('\n')}\n]]></send>`
}
