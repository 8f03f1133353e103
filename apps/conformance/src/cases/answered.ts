import { lastingStatuses, watchAttributes } from './attributes.ts'
import { askToDial, describeAnswer, describeCall, dialAsTheDialer, finished, openLine, ringTime } from './calling.ts'
import { type Case, defineCase } from './case.ts'
import { codeOf, dispositionOf } from './refusals.ts'

const calleeHangsUp = defineCase({
  name: 'answered-callee-hangs-up',
  title: 'The callee answers and hangs up: the answer, the attributes over time, all that is told',
  async run(stage) {
    const line = await openLine(stage)
    const watch = watchAttributes(stage, { roomName: line.roomName, identity: 'callee' })
    const answer = describeAnswer(stage, await askToDial(stage, line, { callee: 'answers_and_hangs_up' }))
    const looked = await stage.target.livekit.lookUp(line.roomName)
    stage.rely('a look-up after the answer says that it is answered', looked.leg?.answered === true)
    await stage.until('a look that sees it active', () => watch.statuses.some(({ status }) => status === 'active'))
    const call = describeCall(await stage.endedCall(line.from))
    const told = await finished(stage, line.roomName)
    await watch.stop()
    const attributes = Object.fromEntries(watch.statuses.flatMap((each) => Object.entries(each.newAttributes)))
    return { answer, call, statuses: lastingStatuses(watch), attributes, ...told }
  },
  tell: ({ statuses, story }) => `${statuses.join(' → ')}; ${story.at(-2)?.split(' → ')[0] ?? ''}`,
})

const fields = defineCase({
  name: 'answered-webhook-fields',
  title: 'Every webhook of an answered call, with all its fields',
  async run(stage) {
    const line = await openLine(stage)
    const more = { participantName: 'Ada', participantMetadata: 'm', participantAttributes: { row: '7' } }
    await askToDial(stage, line, { callee: 'answers_and_hangs_up', more })
    await finished(stage, line.roomName)
    const bodies = stage
      .webhooks(line.roomName)
      .map((each) => [each.event, stage.normal(likeOthers(each.body))] as const)
    stage.rely('each kind of event is told', new Set(bodies.map(([event]) => event)).size === 6)
    return { events: Object.fromEntries(bodies.toSorted(([a], [b]) => a.localeCompare(b))) }
  },
  tell: ({ events }) => Object.keys(events).join(', '),
  note: 'livekit-server 1.13.5 may send one participant_joined twice, with different ids: seen once.',
})

/** What a quick or a slow machine changes: whether the telephone rings already, and sends sound. */
function likeOthers(body: Record<string, unknown>): unknown {
  const same = JSON.parse(JSON.stringify(body).replace('"ringing"', '"dialing"')) as typeof body
  const { tracks: _, ...participant } = (same.participant ?? {}) as Record<string, unknown>
  return { ...same, ...(same.participant !== undefined && { participant }) }
}

const asTheDialer = defineCase({
  name: 'answered-as-the-dialer',
  title: 'The dialer waits for the answer, then hangs up by deleting the room',
  async run(stage) {
    const line = await openLine(stage)
    const dialer = await dialAsTheDialer(stage, line, { callee: 'answers' })
    await stage.webhook(line.roomName, 'track_published')
    stage.rely('it hears that the callee answered', (dialer as { kind?: string }).kind === 'answered')
    const looked = await stage.target.livekit.lookUp(line.roomName)
    const { roomExists, agentJoined, leg } = looked
    await stage.target.livekit.hangUp(line.roomName)
    const call = describeCall(await stage.endedCall(line.from))
    const told = await finished(stage, line.roomName)
    const after = await stage.target.livekit.lookUp(line.roomName)
    stage.rely('a room that was deleted is not there any more', !after.roomExists && after.leg === null)
    stage.rely('the telephone got the BYE', (call as { hungUpBy?: string }).hungUpBy === 'caller')
    const seenLeg = leg && { identity: leg.identity, callStatus: leg.callStatus, answered: leg.answered }
    return { dialer, looked: { roomExists, agentJoined, leg: seenLeg }, call, ...told }
  },
  tell: ({ story }) => story.filter((line) => line.startsWith('participant_left')).join(''),
})

const withoutWaiting = defineCase({
  name: 'dial-without-waiting',
  title: 'Without waiting for the answer: answered as soon as the INVITE is on its way',
  async run(stage) {
    const line = await openLine(stage)
    const answer = await askToDial(stage, line, { callee: 'answers', waits: false })
    const early = await stage.target.livekit.lookUp(line.roomName)
    await stage.until('the answer', async () => (await stage.target.livekit.lookUp(line.roomName)).leg?.answered)
    await stage.webhook(line.roomName, 'track_published')
    await stage.target.livekit.hangUp(line.roomName)
    const call = describeCall(await stage.endedCall(line.from))
    stage.rely('it is not answered yet when the API answers', early.leg?.answered === false)
    return { answer: describeAnswer(stage, answer), call, ...(await finished(stage, line.roomName)) }
  },
  tell: () => 'answers while it is still dialing',
})

const refusedWithoutWaiting = defineCase({
  name: 'dial-without-waiting-refused',
  title: 'Without waiting, and the callee is busy: only participant_left tells',
  async run(stage) {
    const line = await openLine(stage)
    const answer = await askToDial(stage, line, { callee: 'busy', waits: false })
    const call = describeCall(await stage.endedCall(line.from))
    const { story } = await finished(stage, line.roomName)
    return { answer: describeAnswer(stage, answer), call, story }
  },
  tell: ({ story }) => story.find((line) => line.startsWith('participant_left')) ?? 'nothing is told',
})

const tones = defineCase({
  name: 'answered-dtmf',
  title: 'Tones after the answer: status automation while they are sent',
  async run(stage) {
    const line = await openLine(stage)
    const watch = watchAttributes(stage, { roomName: line.roomName, identity: 'callee' })
    const answer = await askToDial(stage, line, { callee: 'answers', more: { dtmf: 'wwwwww12#' } })
    const looked = await stage.target.livekit.lookUp(line.roomName)
    await stage.until('the end of the tones', () => watch.statuses.at(-1)?.status === 'active')
    await watch.stop()
    await stage.target.livekit.hangUp(line.roomName)
    await finished(stage, line.roomName)
    return {
      status: answer.status,
      whenAnswered: looked.leg?.callStatus ?? 'gone',
      statuses: lastingStatuses(watch),
    }
  },
  tell: ({ statuses, whenAnswered }) => `${statuses.join(' → ')}; the API answers at ${whenAnswered}`,
})

const longestCall = defineCase({
  name: 'answered-max-duration',
  title: 'A call that lasts longer than its maximum of 3 s',
  async run(stage) {
    const line = await openLine(stage)
    const answer = await askToDial(stage, line, { callee: 'answers', more: { maxCallDuration: '3s' } })
    await stage.pass(8_000)
    const talking = (await stage.target.livekit.lookUp(line.roomName)).leg?.callStatus === 'active'
    await stage.target.livekit.hangUp(line.roomName)
    const call = await stage.endedCall(line.from)
    const { story } = await finished(stage, line.roomName)
    const talkedMs = (call.endedMs ?? 0) - (call.answeredMs ?? 0)
    const talked = talking ? 'until hung up' : stage.about(talkedMs, 3_000)
    return { status: answer.status, talked, story }
  },
  tell: ({ talked }) => (talked === 'until hung up' ? 'talks on after 8 s' : `ended after ${talked}`),
  differs: {
    talked:
      'livekit-sip 1.8.0 counts the maximum only until the answer; the simulator ends the call, as 1.9.0 and later do',
    story:
      'livekit-sip 1.8.0 counts the maximum only until the answer; the simulator ends the call, as 1.9.0 and later do',
  },
})

const noAnswer = defineCase({
  name: 'ring-timeout',
  title: 'Nobody answers within the ringing timeout of 4 s',
  async run(stage) {
    const line = await openLine(stage)
    const answer = describeAnswer(stage, await askToDial(stage, line, { callee: 'no_answer', ringMs: 4_000 }))
    const call = await stage.endedCall(line.from)
    const told = await finished(stage, line.roomName)
    const dialer = await dialAsTheDialer(stage, await openLine(stage), { callee: 'no_answer', ringMs: 4_000 })
    const said = dispositionOf(dialer)
    stage.rely(`the dialer takes it for no_answer, not ${said}`, said === 'no_answer')
    return { answer, call: describeCall(call), lasted: ringTime(stage, { call, expectedMs: 4_000 }), ...told, dialer }
  },
  tell: ({ lasted, story }) => `CANCEL after ${lasted}; ${story.find((line) => line.startsWith('participant_left'))}`,
})

const ringsOn = defineCase({
  name: 'ring-timeout-beyond-80-s',
  title: 'Waiting for the answer with a ringing timeout of 100 s, longer than LiveKit waits',
  async run(stage) {
    const line = await openLine(stage)
    const answer = describeAnswer(stage, await askToDial(stage, line, { callee: 'no_answer', ringMs: 100_000 }))
    const call = await stage.endedCall(line.from, 120_000)
    const { story } = await finished(stage, line.roomName)
    return { answer, call: describeCall(call), lasted: ringTime(stage, { call, expectedMs: 80_000 }), story }
  },
  tell: ({ lasted, answer }) => `CANCEL after ${lasted}; ${codeOf(answer)}`,
})

const carrierSilent = defineCase({
  name: 'carrier-silent',
  title: 'The carrier never answers the INVITE',
  async run(stage) {
    const line = await openLine(stage)
    const wish = { callee: 'carrier_silent', ringMs: 60_000 } as const
    const answer = describeAnswer(stage, await askToDial(stage, line, wish))
    const story = await finished(stage, line.roomName)
    const call = await stage.callsFrom(line.from)
    return { answer, invites: call.length, ...story }
  },
  tell: ({ answer }) => JSON.stringify((answer as { body?: { msg?: string } }).body?.msg ?? ''),
})

const carrierGone = defineCase({
  name: 'carrier-not-there',
  title: 'Nobody listens at the address of the trunk, or its name does not exist',
  async run(stage) {
    const line = await openLine(stage)
    const { livekit } = stage.target
    const trunk = await livekit.createOutboundTrunk({
      ...{ name: 'nowhere', address: 'carrier.invalid', numbers: ['+12125550100'], transport: 'udp' },
    })
    const answer = await askToDial(stage, { ...line, trunkId: trunk.livekitTrunkId }, { callee: 'answers' })
    await livekit.deleteTrunk(trunk.livekitTrunkId)
    const said = describeAnswer(stage, answer)
    const { story } = await finished(stage, line.roomName)
    return { said, story }
  },
  tell: ({ said }) => JSON.stringify((said as { body?: { msg?: string } }).body?.msg ?? ''),
})

export const answeredCases: Case[] = [
  ...[calleeHangsUp, fields, asTheDialer, withoutWaiting, refusedWithoutWaiting, tones, longestCall, noAnswer, ringsOn],
  ...[carrierSilent, carrierGone],
]
