import { lastingStatuses, watchAttributes } from './attributes.ts'
import { askToDial, describeAnswer, finished, numberOf, openLine } from './calling.ts'
import { type Case, defineCase } from './case.ts'
import { legIs } from './endings.ts'

const named = defineCase({
  name: 'dial-headers-and-names',
  title: 'Own headers and a display name, as the dialer sends them',
  async run(stage) {
    const line = await openLine(stage)
    const headers = { 'X-Account-Code': '42', 'X-Campaign': 'spring' }
    const answer = await stage.target.livekit.dial({
      ...{ roomName: line.roomName, livekitTrunkId: line.trunkId, from: line.from, identity: 'callee' },
      ...{ to: await numberOf(stage, 'busy'), headers, displayName: 'Outdial Sales', ringTimeoutMs: 20_000 },
      waitUntilAnswered: true,
    })
    const call = await stage.endedCall(line.from)
    await finished(stage, line.roomName)
    const got = { ...call.headers }
    stage.rely('the headers arrive', got['x-account-code'] === '42' && got['x-campaign'] === 'spring')
    return { kind: answer.kind, displayName: call.displayName ?? '', headers: got }
  },
  tell: ({ displayName, headers }) => `"${displayName}", ${Object.keys(headers).join(', ')}`,
})

const fromTrunk = defineCase({
  name: 'dial-without-from',
  title: 'No number to call from: LiveKit takes one of the trunk’s',
  async run(stage) {
    const line = await openLine(stage)
    const { livekit, phoneAddress } = stage.target
    const trunk = await livekit.createOutboundTrunk({
      ...{ name: 'one number', address: phoneAddress, numbers: [line.from], transport: 'udp' },
    })
    const own = { ...line, trunkId: trunk.livekitTrunkId }
    const answer = await askToDial(stage, own, { callee: 'busy', more: { sipNumber: '' } })
    const call = await stage.endedCall(line.from)
    await finished(stage, line.roomName)
    await livekit.deleteTrunk(trunk.livekitTrunkId)
    return { status: answer.status, from: stage.text(call.from) }
  },
  tell: ({ from }) => from,
})

const earlyMedia = defineCase({
  name: 'answered-after-early-media',
  title: 'The carrier sends 183 with sound before the answer',
  async run(stage) {
    const line = await openLine(stage)
    const watch = watchAttributes(stage, { roomName: line.roomName, identity: 'callee' })
    const dialing = askToDial(stage, line, { callee: 'early_media' })
    await legIs(stage, line, 'ringing')
    const early = await stage.target.livekit.lookUp(line.roomName)
    const answer = describeAnswer(stage, await dialing)
    await legIs(stage, line, 'active')
    await stage.until('a look that sees it active', () => watch.statuses.at(-1)?.status === 'active')
    await watch.stop()
    await stage.target.livekit.hangUp(line.roomName)
    await finished(stage, line.roomName)
    stage.rely('early media is no answer', early.leg?.answered === false)
    return { answer, statuses: lastingStatuses(watch) }
  },
  tell: ({ statuses }) => statuses.join(' → '),
})

const tooLate =
  'livekit-sip 1.8.0 leaves a callee alone who answers at the moment of the CANCEL, 1.9.0 and later hang up on them; the simulated telephone never answers so late'

const race = defineCase({
  name: 'answered-at-the-cancel',
  title: 'The callee answers at the moment in which the ringing timeout cancels the call',
  async run(stage) {
    const line = await openLine(stage)
    const wish = { callee: 'answers_despite_cancel', ringMs: 4_000 } as const
    const answer = describeAnswer(stage, await askToDial(stage, line, wish))
    const { story } = await finished(stage, line.roomName)
    await stage.pass(6_000)
    const [call] = await stage.callsFrom(line.from)
    return { answer, story, telephone: { answered: call?.answeredMs !== undefined, ending: call?.ending ?? 'none' } }
  },
  tell: ({ telephone }) =>
    telephone.answered
      ? `not answered for LiveKit; the telephone is on the line (${telephone.ending})`
      : 'not answered',
  differs: { telephone: tooLate },
})

export const dialingCases: Case[] = [named, fromTrunk, earlyMedia, race]
