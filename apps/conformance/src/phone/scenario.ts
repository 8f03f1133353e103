import { type PhonePlan, phoneBehaviours, type Talk } from './behaviours.ts'
import {
  label,
  writeCanceled,
  writeFinish,
  writeHangUp,
  writeReinvite,
  writeTalk,
  writeTransfer,
} from './scenario-parts.ts'
import { answerRequest, finalResponse, provisional, sessionDescription, tag } from './sip-messages.ts'

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
export function writeScenario(times: PhoneTimes, { mediaPort }: { mediaPort: number }): string {
  const sdp = sessionDescription(mediaPort)
  const behaviours: [string, { code: string; plan: PhonePlan }][] = Object.entries(phoneBehaviours)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<scenario name="telephone">',
    receiveInvite(behaviours.map(([name, { code }]) => ({ name, code }))),
    ...behaviours.map(([name]) => `<nop next="${name}" test="is_${name}"/>`),
    '<nop next="answers"/>',
    ...behaviours.map(([name, { plan }]) => `${label(name)}\n${writePlan(name, { plan, times, sdp })}`),
    ...(['stay', 'hang_up', 'hang_up_at_once'] as const).map((talk) => writeTalk(talk, times.talkMs)),
    ...[writeReinvite(sdp), writeTransfer(), writeHangUp(), writeCanceled(), writeFinish(['line'])],
    '</scenario>',
  ].join('\n')
}

/** What has to be known later, when other messages are the last ones: who speaks with whom, and under which number. */
function receiveInvite(codes: { name: string; code: string }[]): string {
  const header = (name: string, { regexp, to }: { regexp: string; to: string }) =>
    `<ereg regexp="${regexp}" search_in="hdr" header="${name}" assign_to="${to}"/>`
  return `<recv request="INVITE" crlf="true">
<action>
${header('From:', { regexp: '[^ ].*', to: 'remote' })}
${header('To:', { regexp: '[^ ].*', to: 'callee' })}
${header('Contact:', { regexp: 'sips?:[^&gt;]*', to: 'contact' })}
${header('CSeq:', { regexp: '[0-9]+', to: 'cseq' })}
${header('To:', { regexp: 'sips?:[^@]*', to: 'number' })}
${codes.map(({ name, code }) => header('To:', { regexp: `sips?:[^@]*${code}@`, to: `is_${name}` })).join('\n')}
<assignstr assign_to="local" value="[$callee];tag=${tag}"/>
<lookup assign_to="line" file="seen.csv" key="[$number]"/>
<test assign_to="seen" variable="line" compare="greater_than_equal" value="0"/>
<insert file="seen.csv" value="[$number]"/>
</action>
</recv>`
}

function writePlan(name: string, { plan, times, sdp }: { plan: PhonePlan; times: PhoneTimes; sdp: string }): string {
  if (plan.kind === 'series') return `<nop next="${plan.later}" test="seen"/>\n<nop next="${plan.first}"/>`
  if (plan.kind === 'silence') return `<recv request="CANCEL" timeout="60000" ontimeout="end" next="canceled"/>`
  if (plan.kind === 'challenge') return writeChallenge(name, plan.status)
  const ringing = provisional({ status: 180, reason: 'Ringing' })
  if (plan.kind === 'ring')
    return `${ringing}\n<recv request="CANCEL" timeout="600000" ontimeout="end" next="canceled"/>`
  if (plan.kind === 'answer' && plan.despiteCancel) return `${ringing}\n${writeAnswerDespiteCancel(sdp)}`
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
  return [...rings, writeAnswer(plan.talk, sdp)].join('\n')
}

function waitForCancel(otherwise: string, timeoutMs: number): string {
  return `<recv request="CANCEL" timeout="${timeoutMs}" ontimeout="${otherwise}" next="canceled"/>`
}

function writeAnswer(talk: Talk, sdp: string): string {
  return `${finalResponse({ status: 200, reason: 'OK', body: sdp })}
${waitForAcknowledgement(talk)}`
}

/** An answer that nobody acknowledges is hung up after 32 s (64 T1: RFC 3261, section 13.3.1.4). */
function waitForAcknowledgement(talk: Talk): string {
  return `<recv request="ACK" timeout="32000" ontimeout="hang_up_now" next="talk_${talk}"/>`
}

/** The 200 crosses the CANCEL on its way: what a telephone does that picked up at the same moment. */
function writeAnswerDespiteCancel(sdp: string): string {
  return `<recv request="CANCEL" timeout="600000" ontimeout="end"/>
${finalResponse({ status: 200, reason: 'OK', body: sdp, isSentOnce: true })}
${answerRequest({ status: 200, reason: 'OK', newTag: true })}
${waitForAcknowledgement('stay')}`
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
