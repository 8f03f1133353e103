import type { Callee } from '../targets/target.ts'
import { askToDial, describeAnswer, describeCall, dialAsTheDialer, finished, openLine } from './calling.ts'
import { type Case, defineCase, type Json } from './case.ts'
import type { Stage } from './stage.ts'

const refusals: [callee: Callee, title: string, disposition: string][] = [
  ['busy', 'The callee is busy (486)', 'busy'],
  ['busy_everywhere', 'Busy everywhere (600)', 'busy'],
  ['rejects', 'The callee declines (603)', 'rejected'],
  ['declined', 'Temporarily unavailable, after ringing (480)', 'no_answer'],
  ['request_timeout', 'Request timeout of the carrier, after ringing (408)', 'no_answer'],
  ['invalid', 'The number is unknown (404)', 'invalid_number'],
  ['gone', 'The number is gone (410)', 'invalid_number'],
  ['incomplete', 'The number is incomplete (484)', 'invalid_number'],
  ['forbidden', 'The carrier forbids the call (403)', 'rejected'],
  ['cps_limit', 'More calls per second than the carrier allows (503 with Twilio’s words)', 'trunk_error'],
  ['carrier_error', 'The carrier is overloaded (503)', 'trunk_error'],
  ['carrier_fault', 'The carrier fails (500)', 'trunk_error'],
  ['carrier_timeout', 'The carrier times out (504)', 'trunk_error'],
  ['auth_required', 'The carrier wants a password again and again (407)', 'trunk_error'],
  ['unauthorized', 'The carrier wants a password again and again (401)', 'trunk_error'],
]

/** Calls that the telephone network refuses: what the API answers, what the dialer makes of it, what is told. */
const bySipStatus: Case[] = refusals.map(([callee, title, disposition]) =>
  defineCase({
    name: `refused-${callee.replaceAll('_', '-')}`,
    title,
    run: (stage) => dialAndBeRefused(stage, { callee, disposition }),
    tell: ({ answer, dialer }) => `${codeOf(answer)} → ${dispositionOf(dialer)}`,
  }),
)

const wrongPassword = defineCase({
  name: 'refused-wrong-password',
  title: 'The carrier wants a password, and does not accept the one of the trunk (407 each time)',
  async run(stage) {
    const line = await openLine(stage)
    const { livekit, phoneAddress } = stage.target
    const trunk = await livekit.createOutboundTrunk({
      ...{ name: 'wrong', address: phoneAddress, numbers: ['+12125550100'], transport: 'udp' },
      ...{ authUsername: 'ada', authPassword: 'wrong' },
    })
    const locked = { ...line, trunkId: trunk.livekitTrunkId }
    const answer = describeAnswer(stage, await askToDial(stage, locked, { callee: 'auth_required' }))
    const { story } = await finished(stage, line.roomName)
    const next = { ...(await openLine(stage)), trunkId: trunk.livekitTrunkId }
    const dialer = await dialAsTheDialer(stage, next, { callee: 'auth_required' })
    await livekit.deleteTrunk(trunk.livekitTrunkId)
    const { effect } = dialer as { effect?: Json }
    stage.rely('the dialer stops the campaign', effect === 'stop_campaign')
    return { answer, story, dialer }
  },
  tell: ({ answer }) => codeOf(answer),
})

export const refusalCases: Case[] = [...bySipStatus, wrongPassword]

async function dialAndBeRefused(stage: Stage, { callee, disposition }: { callee: Callee; disposition: string }) {
  const line = await openLine(stage)
  const answer = describeAnswer(stage, await askToDial(stage, line, { callee, ringMs: 60_000 }))
  const call = describeCall(await stage.endedCall(line.from))
  // A refusal can be faster than the leg's own track: the tracks are told of by chance.
  const { story } = await finished(stage, line.roomName)
  const dialer = await dialAsTheDialer(stage, await openLine(stage), { callee })
  const said = dispositionOf(dialer)
  stage.rely(`the dialer takes it for ${disposition}, not ${said}`, said === disposition)
  stage.rely('the room ends with its call', story.at(-1) === 'room_finished')
  return { answer, call, story, dialer }
}

/** What the dialer made of it; empty where it takes the call for placed, or does not know. */
export function dispositionOf(dialer: Json): string {
  return (dialer as { disposition?: string }).disposition ?? ''
}

/** "429 resource_exhausted", and the SIP status where there is one. */
export function codeOf(answer: Json): string {
  const { status, body } = answer as { status: number; body: { code?: string; meta?: { sip_status_code?: string } } }
  const sip = body?.meta?.sip_status_code
  return [status, body?.code, sip && `SIP ${sip}`].filter(Boolean).join(' ')
}
