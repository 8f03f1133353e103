import { type PhonePlan, phoneBehaviours, type Talk } from './behaviours.ts'
import { acknowledge, answerRequest, finalResponse, inDialog, provisional, sdp } from './sip-messages.ts'

/** How long things take, in ms of real time. */
export type PhoneTimes = {
  /** How long it rings before it answers, or refuses after some ringing. Default: 400. */
  ringMs: number
  /** How long it rings where it is slow. Default: 5,000. */
  longRingMs: number
  /** How long it talks before it hangs up. Default: 2,000. */
  talkMs: number
}

/**
 * One scenario of sipp for all calls: the number that is called decides which of the behaviours a call jumps to.
 * Elements: https://sipp.readthedocs.io/en/latest/scenarios/ownscenarios.html
 */
export function writeScenario(times: PhoneTimes): string {
  const behaviours: [string, { code: string; plan: PhonePlan }][] = Object.entries(phoneBehaviours)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<scenario name="telephone">',
    receiveInvite(behaviours.map(([name, { code }]) => ({ name, code }))),
    ...behaviours.map(([name]) => `<nop next="${name}" test="is_${name}"/>`),
    '<nop next="answers"/>',
    ...behaviours.map(([name, { plan }]) => `${label(name)}\n${writePlan(name, { plan, times })}`),
    ...(['stay', 'hang_up', 'hang_up_at_once'] as const).map((talk) => writeTalk(talk, times)),
    ...[writeReinvite(), writeTransfer(), writeHangUp(), writeCanceled(), writeFinish()],
    '</scenario>',
  ].join('\n')
}

const label = (name: string) => `<label id="${name}"/>`

/** What has to be known later, when other messages are the last ones: who speaks with whom, and under which number. */
function receiveInvite(codes: { name: string; code: string }[]): string {
  const header = (name: string, { regexp, to }: { regexp: string; to: string }) =>
    `<ereg regexp="${regexp}" search_in="hdr" header="${name}" assign_to="${to}"/>`
  return `<recv request="INVITE" crlf="true">
<action>
${header('From:', { regexp: '[^ ].*', to: 'caller' })}
${header('To:', { regexp: '[^ ].*', to: 'callee' })}
${header('Contact:', { regexp: 'sips?:[^&gt;]*', to: 'contact' })}
${header('CSeq:', { regexp: '[0-9]+', to: 'cseq' })}
${header('To:', { regexp: 'sips?:[^@]*', to: 'number' })}
${codes.map(({ name, code }) => header('To:', { regexp: `sips?:[^@]*${code}@`, to: `is_${name}` })).join('\n')}
<lookup assign_to="line" file="seen.csv" key="[$number]"/>
<test assign_to="seen" variable="line" compare="greater_than_equal" value="0"/>
<insert file="seen.csv" value="[$number]"/>
<assignstr assign_to="transfer" value="200 OK"/>
</action>
</recv>`
}

function writePlan(name: string, { plan, times }: { plan: PhonePlan; times: PhoneTimes }): string {
  if (plan.kind === 'series') return `<nop next="${plan.later}" test="seen"/>\n<nop next="${plan.first}"/>`
  if (plan.kind === 'silence') return `<recv request="CANCEL" timeout="60000" ontimeout="end" next="canceled"/>`
  if (plan.kind === 'challenge') return writeChallenge(name, plan.status)
  const ringing = provisional({ status: 180, reason: 'Ringing' })
  if (plan.kind === 'ring')
    return `${ringing}\n<recv request="CANCEL" timeout="600000" ontimeout="end" next="canceled"/>`
  if (plan.kind === 'answer' && plan.despiteCancel) return `${ringing}\n${writeAnswerDespiteCancel()}`
  const rings = plan.ringsFor
    ? [
        plan.earlyMedia ? provisional({ status: 183, reason: 'Session Progress', body: sdp }) : ringing,
        waitForCancel(`${name}_on`, plan.ringsFor === 'ring' ? times.ringMs : times.longRingMs),
        label(`${name}_on`),
      ]
    : []
  if (plan.kind === 'refuse') {
    return [...rings, finalResponse({ status: plan.status, reason: plan.reason, next: 'acknowledged' })].join('\n')
  }
  return [...rings, writeAnswer(plan.talk)].join('\n')
}

function waitForCancel(otherwise: string, timeoutMs: number): string {
  return `<recv request="CANCEL" timeout="${timeoutMs}" ontimeout="${otherwise}" next="canceled"/>`
}

function writeAnswer(talk: Talk): string {
  return `${finalResponse({ status: 200, reason: 'OK', body: sdp })}
<recv request="ACK" timeout="32000" ontimeout="hang_up_now" next="talk_${talk}"/>`
}

/** The 200 crosses the CANCEL on its way: what a telephone does that picked up at the same moment. */
function writeAnswerDespiteCancel(): string {
  return `<recv request="CANCEL" timeout="600000" ontimeout="end"/>
${finalResponse({ status: 200, reason: 'OK', body: sdp })}
${answerRequest({ status: 200, reason: 'OK', newTag: true })}
<recv request="ACK" timeout="8000" ontimeout="hang_up_now" next="talk_stay"/>`
}

/** Whatever the caller sends along, it is asked again. */
function writeChallenge(name: string, status: 401 | 407): string {
  const [header, reason] =
    status === 401
      ? (['WWW-Authenticate', 'Unauthorized'] as const)
      : (['Proxy-Authenticate', 'Proxy Authentication Required'] as const)
  const challenge = `${header}: Digest realm="telephone", nonce="[call_number]0123456789abcdef", algorithm=MD5`
  return `${finalResponse({ status, reason, headers: [challenge] })}
<recv request="ACK" timeout="32000" ontimeout="end"/>
<recv request="INVITE" timeout="5000" ontimeout="end" next="${name}">
<action><ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="cseq"/></action>
</recv>`
}

function writeTalk(talk: Exclude<Talk, 'reinvite_and_stay'>, { talkMs }: PhoneTimes): string {
  const lastsMs = { stay: undefined, hang_up: talkMs, hang_up_at_once: 300 }[talk]
  // sipp waits as long as the first of several messages that may come says.
  const limit = lastsMs === undefined ? '' : ` timeout="${lastsMs}" ontimeout="hang_up_now"`
  return `${label(`talk_${talk}`)}
<recv request="REFER" optional="true"${limit} next="transfer">
<action>${transferTargets.map(({ code, to }) => readTarget(code, to)).join('\n')}</action>
</recv>
<recv request="BYE" next="hung_up"/>`
}

/** Where a call is transferred to decides how the transfer goes, by the same last digits. */
const transferTargets = [
  { code: '07', to: 'target_busy', result: '486 Busy Here' },
  { code: '09', to: 'target_rejects', result: '603 Decline' },
  { code: '10', to: 'target_declined', result: '480 Temporarily Unavailable' },
  { code: '11', to: 'target_invalid', result: '404 Not Found' },
  { code: '22', to: 'target_forbidden', result: undefined },
]

const readTarget = (code: string, to: string) =>
  `<ereg regexp="${code}(@|;|&gt;|$)" search_in="hdr" header="Refer-To:" assign_to="${to}"/>`

function writeTransfer(): string {
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
${transferTargets
  .filter(({ result }) => result)
  .map(({ to }) => `<nop next="${to}" test="${to}"/>`)
  .join('\n')}
${label('transferred')}
${notify(31, { status: '[$transfer]', state: 'terminated;reason=noresource' })}
<recv response="200" timeout="5000" ontimeout="talk_stay" next="talk_stay"/>
${transferTargets
  .filter(({ result }) => result)
  .map(
    ({ to, result }) => `${label(to)}
<nop next="transferred"><action><assignstr assign_to="transfer" value="${result}"/></action></nop>`,
  )
  .join('\n')}
${label('transfer_refused')}
${answerRequest({ status: 403, reason: 'Forbidden', next: 'talk_stay' })}`
}

function writeReinvite(): string {
  return `${label('talk_reinvite_and_stay')}
<pause milliseconds="300"/>
${inDialog({ method: 'INVITE', cseq: 10, headers: ['Content-Type: application/sdp'], body: sdp })}
<recv response="100" optional="true"/>
<recv response="200" timeout="10000" ontimeout="hang_up_now"/>
${acknowledge(10)}
<nop next="talk_stay"/>`
}

function writeHangUp(): string {
  return `${label('hang_up_now')}
${inDialog({ method: 'BYE', cseq: 20 })}
<recv response="481" optional="true" next="end"/>
<recv response="200" timeout="5000" ontimeout="end" next="end"/>
${label('hung_up')}
${answerRequest({ status: 200, reason: 'OK', next: 'end' })}`
}

function writeCanceled(): string {
  return `${label('canceled')}
${answerRequest({ status: 200, reason: 'OK', newTag: true })}
${finalResponse({ status: 487, reason: 'Request Terminated', next: 'acknowledged' })}`
}

function writeFinish(): string {
  const once = ['line', ...transferTargets.filter(({ result }) => !result).map(({ to }) => to)]
  return `${label('acknowledged')}
<recv request="ACK" timeout="32000" ontimeout="end"/>
${label('end')}
<nop/>
<Reference variables="${once.join(',')}"/>`
}
