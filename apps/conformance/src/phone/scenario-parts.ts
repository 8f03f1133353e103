import type { Talk } from './behaviours.ts'
import { acknowledge, answerRequest, finalResponse, inDialog } from './sip-messages.ts'

export const label = (name: string) => `<label id="${name}"/>`

/** What happens once a call is answered: it lasts until a BYE, or so long as the telephone wants to talk. */
export function writeTalk(talk: Exclude<Talk, 'reinvite_and_stay'>, talkMs: number): string {
  const lastsMs = { stay: undefined, hang_up: talkMs, hang_up_at_once: 300 }[talk]
  // sipp waits as long as the first of several messages that may come says.
  const limit = lastsMs === undefined ? '' : ` timeout="${lastsMs}" ontimeout="hang_up_now"`
  return `${label(`talk_${talk}`)}
<recv request="REFER" optional="true"${limit} next="transfer">
<action>
<ereg regexp="([0-9][0-9])(@|;|&gt;|$)" search_in="hdr" header="Refer-To:" assign_to="whole,target"/>
<assignstr assign_to="transfer" value="200 OK"/>
${transferTargets.map(({ code, to }) => isTarget(code, to)).join('\n')}
</action>
</recv>
<recv request="BYE" next="hung_up"/>`
}

/** Where a call is transferred to decides how that goes, by the same last digits; no result = the REFER is refused. */
const transferTargets = [
  { code: '07', to: 'target_busy', result: '486 Busy Here' },
  { code: '09', to: 'target_rejects', result: '603 Decline' },
  { code: '10', to: 'target_declined', result: '480 Temporarily Unavailable' },
  { code: '11', to: 'target_invalid', result: '404 Not Found' },
  { code: '22', to: 'target_forbidden', result: undefined },
]

const failing = transferTargets.filter(({ result }) => result)

const tellTransfer = (result: string | undefined) =>
  `<nop next="transferred"><action><assignstr assign_to="transfer" value="${result}"/></action></nop>`

// A variable that was matched once stays set, so each is told anew.
const isTarget = (code: string, to: string) =>
  `<strcmp assign_to="compared" variable="target" value="${code}"/>
<test assign_to="${to}" variable="compared" compare="equal" value="0"/>`

export function writeTransfer(): string {
  const notify = (cseq: number, { status, state }: { status: string; state: string }) =>
    inDialog({
      method: 'NOTIFY',
      cseq,
      headers: ['Event: refer', `Subscription-State: ${state}`, 'Content-Type: message/sipfrag;version=2.0'],
      body: `SIP/2.0 ${status}`,
    })
  return `${label('transfer')}
<nop next="transfer_refused" test="target_forbidden"/>
${answerRequest({ status: 202, reason: 'Accepted' })}
${notify(30, { status: '100 Trying', state: 'active;expires=60' })}
<recv response="200" timeout="5000" ontimeout="talk_stay"/>
<pause milliseconds="200"/>
${failing.map(({ to }) => `<nop next="${to}" test="${to}"/>`).join('\n')}
${label('transferred')}
${notify(31, { status: '[$transfer]', state: 'terminated;reason=noresource' })}
<recv response="200" timeout="5000" ontimeout="talk_stay" next="talk_stay"/>
${failing.map(({ to, result }) => `${label(to)}\n${tellTransfer(result)}`).join('\n')}
${label('transfer_refused')}
${answerRequest({ status: 403, reason: 'Forbidden', next: 'talk_stay' })}`
}

export function writeReinvite(sdp: string): string {
  return `${label('talk_reinvite_and_stay')}
<pause milliseconds="300"/>
${inDialog({ method: 'INVITE', cseq: 10, headers: ['Content-Type: application/sdp'], body: sdp })}
<recv response="100" optional="true" timeout="10000" ontimeout="hang_up_now"/>
<recv response="200" timeout="10000" ontimeout="hang_up_now"/>
${acknowledge(10)}
<nop next="talk_stay"/>`
}

export function writeHangUp(): string {
  return `${label('hang_up_now')}
${inDialog({ method: 'BYE', cseq: 20 })}
<recv response="481" optional="true" timeout="5000" ontimeout="end" next="end"/>
<recv response="200" next="end"/>
${label('hung_up')}
${answerRequest({ status: 200, reason: 'OK', next: 'end' })}`
}

export function writeCanceled(): string {
  return `${label('canceled')}
${answerRequest({ status: 200, reason: 'OK', newTag: true })}
${finalResponse({ status: 487, reason: 'Request Terminated', next: 'acknowledged' })}`
}

/** `once`: variables that sipp would call unused. */
export function writeFinish(once: string[]): string {
  return `${label('acknowledged')}
<recv request="ACK" timeout="32000" ontimeout="end"/>
${label('end')}
<nop/>
<Reference variables="${[...once, 'whole'].join(',')}"/>`
}
