import { askToDial, describeAnswer, describeCall, finished, type Line, openLine } from './calling.ts'
import { type Case, defineCase } from './case.ts'
import { legIs } from './endings.ts'
import { codeOf } from './refusals.ts'
import type { Stage } from './stage.ts'

const accepted = defineCase({
  name: 'transfer-accepted',
  title: 'Transfer by REFER, which the callee’s side accepts',
  async run(stage) {
    const line = await openLine(stage)
    await askToDial(stage, line, { callee: 'answers' })
    await legIs(stage, line, 'active')
    const answer = describeAnswer(stage, await transfer(stage, line, { transferTo: 'tel:+15005550001' }))
    const call = describeCall(await stage.endedCall(line.from))
    return { answer, call, ...(await finished(stage, line.roomName)) }
  },
  tell: ({ answer, story }) => `${codeOf(answer)}; ${story.find((each) => each.startsWith('participant_left')) ?? ''}`,
})

const refused = defineCase({
  name: 'transfer-refused',
  title: 'Transfer to somebody who is busy',
  async run(stage) {
    const line = await openLine(stage)
    await askToDial(stage, line, { callee: 'answers' })
    await legIs(stage, line, 'active')
    const answer = describeAnswer(stage, await transfer(stage, line, { transferTo: 'tel:+15005550007' }))
    const stays = (await stage.target.livekit.lookUp(line.roomName)).leg?.callStatus === 'active'
    stage.rely('the callee stays', stays)
    await stage.target.livekit.hangUp(line.roomName)
    return { answer, stays, ...(await finished(stage, line.roomName)) }
  },
  tell: ({ answer, stays }) => `${codeOf(answer)}; the callee ${stays ? 'stays' : 'is gone'}`,
})

const tooEarly = defineCase({
  name: 'transfer-while-ringing',
  title: 'Transfer while the phone is ringing',
  async run(stage) {
    const line = await openLine(stage)
    const dialing = askToDial(stage, line, { callee: 'no_answer', ringMs: 12_000 })
    await legIs(stage, line, 'ringing')
    const askedMs = performance.now()
    const answer = describeAnswer(stage, await transfer(stage, line, {}))
    const tookMs = (performance.now() - askedMs) / stage.target.toRealMs(1)
    await dialing
    await finished(stage, line.roomName)
    return { answer, when: tookMs < 3_000 ? 'at once' : 'when it has stopped ringing' }
  },
  tell: ({ answer, when }) => `${codeOf(answer)}, ${when}`,
})

const wrong = defineCase({
  name: 'transfer-wrong',
  title: 'Transfers to nonsense, of nobody, in no room',
  async run(stage) {
    const line = await openLine(stage)
    const ask = async (change: Record<string, unknown>) => describeAnswer(stage, await transfer(stage, line, change))
    const seen = {
      nonsense: await ask({ transferTo: 'hello' }),
      nobody: await ask({ participantIdentity: 'nobody' }),
      noRoom: await ask({ roomName: `${line.roomName}-not-there` }),
    }
    await stage.target.livekit.hangUp(line.roomName)
    return seen
  },
  tell: (seen) =>
    Object.entries(seen)
      .map(([what, answer]) => `${what} ${codeOf(answer)}`)
      .join('; '),
})

function transfer(stage: Stage, line: Line, change: Record<string, unknown>) {
  const body = { roomName: line.roomName, participantIdentity: 'callee', transferTo: 'tel:+15005550001', ...change }
  return stage.target.api.ask('SIP/TransferSIPParticipant', body)
}

export const transferCases: Case[] = [accepted, refused, tooEarly, wrong]
