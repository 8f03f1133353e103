import { label, writeFinish, writeHangUp, writeTalk, writeTransfer } from './scenario-parts.ts'
import { contact, send, sessionDescription, tag } from './sip-messages.ts'

export type Caller = {
  from: string
  to: string
  /** How long it lets it ring; it looks at its watch every 200 ms. */
  patienceMs: number
  /** How long it stays on the phone, if nobody else hangs up. */
  talkMs: number
  headers: Record<string, string>
}

/** A scenario of sipp for one call to somebody else. */
export function writeCallerScenario(caller: Caller, { mediaPort }: { mediaPort: number }): string {
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<scenario name="caller">',
    ...[writeInvite(caller, mediaPort), writeWaiting(caller.patienceMs), writeAnswered(), writeCancel(caller)],
    ...[writeRefused(caller), writeTalk('hang_up', caller.talkMs), writeTalk('stay', caller.talkMs)],
    ...[writeTransfer(), writeHangUp(), writeFinish([])],
    '</scenario>',
  ].join('\n')
}

const via = 'Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]'

function dialogHead(method: string, { from, to }: Caller): string[] {
  return [
    `${method} sip:${to}@[remote_ip]:[remote_port] SIP/2.0`,
    ...[`From: <sip:${from}@[local_ip]:[local_port]>;tag=${tag}`],
    ...['Call-ID: [call_id]', `CSeq: 1 ${method}`, contact, 'Max-Forwards: 70'],
  ]
}

const callee = ({ to }: Caller) => `To: <sip:${to}@[remote_ip]:[remote_port]>`

function writeInvite(caller: Caller, mediaPort: number): string {
  const extra = Object.entries(caller.headers).map(([name, value]) => `${name}: ${value}`)
  const head = [...dialogHead('INVITE', caller), via, callee(caller), ...extra, 'Content-Type: application/sdp']
  return `<nop><action>
<gettimeofday assign_to="sec0,usec0"/>
<assignstr assign_to="local" value="&lt;sip:${caller.from}@[local_ip]:[local_port]&gt;;tag=${tag}"/>
</action></nop>
${send({ head, body: sessionDescription(mediaPort), isRepeated: true })}`
}

/** sipp has no way to say: any refusal. */
const refusals = [
  ...[302, 400, 401, 402, 403, 404, 405, 407, 408, 410, 415, 480, 481, 484, 486, 487, 488, 491],
  ...[500, 501, 502, 503, 504, 600, 603, 604, 606],
]

/** livekit-sip tells every second that it rings, and each message would start a timeout anew. */
function writeWaiting(patienceMs: number): string {
  const refused = refusals.map((status) => `<recv response="${status}" optional="true" next="refused"/>`)
  return `${label('waiting')}
<recv response="100" optional="true" timeout="200" ontimeout="watch" next="watch"/>
<recv response="180" optional="true" next="watch"/>
<recv response="183" optional="true" next="watch"/>
${refused.join('\n')}
<recv response="200" next="answered">
<action>
<ereg regexp="[^ ].*" search_in="hdr" header="To:" assign_to="remote"/>
<ereg regexp="sips?:[^&gt;]*" search_in="hdr" header="Contact:" assign_to="contact"/>
</action>
</recv>
${label('watch')}
<nop>
<action>
<gettimeofday assign_to="sec,usec"/>
<subtract assign_to="sec" variable="sec0"/>
<multiply assign_to="sec" value="1000000"/>
<subtract assign_to="usec" variable="usec0"/>
<add assign_to="sec" variable="usec"/>
<test assign_to="is_tired" variable="sec" compare="greater_than_equal" value="${patienceMs * 1000}"/>
</action>
</nop>
<nop next="cancel" test="is_tired"/>
<nop next="waiting"/>`
}

function writeAnswered(): string {
  const head = ['ACK [$contact] SIP/2.0', via, 'From: [$local]', 'To: [$remote]', 'Call-ID: [call_id]', 'CSeq: 1 ACK']
  return `${label('answered')}
${send({ head: [...head, 'Max-Forwards: 70'], next: 'talk_hang_up' })}`
}

function writeCancel(caller: Caller): string {
  const cancel = send({ head: [...dialogHead('CANCEL', caller), '[last_Via:]', callee(caller)] })
  return `${label('cancel')}
${cancel}
${label('canceling')}
<recv response="180" optional="true" timeout="5000" ontimeout="end" next="canceling"/>
<recv response="200" optional="true" next="canceling"/>
<recv response="487" next="refused"/>`
}

function writeRefused(caller: Caller): string {
  return `${label('refused')}
${send({ head: [...dialogHead('ACK', caller), '[last_Via:]', '[last_To:]'], next: 'end' })}`
}
