import { askToDial, describeAnswer, describeCall, finished, type Line, openLine, ringTime } from './calling.ts'
import { type Case, defineCase } from './case.ts'
import type { Stage } from './stage.ts'

type Moment = 'ringing' | 'answered'
type How = 'room-deleted' | 'participant-removed'

function endedBy(how: How, moment: Moment): Case {
  return defineCase({
    name: `${how}-while-${moment}`,
    title: `${how === 'room-deleted' ? 'The room is deleted' : 'The participant is removed'} while the phone is ${moment === 'ringing' ? 'ringing' : 'in a call'}`,
    async run(stage) {
      const line = await openLine(stage)
      const callee = moment === 'ringing' ? 'no_answer' : 'answers'
      const dialing = askToDial(stage, line, { callee })
      await legIs(stage, line, moment === 'ringing' ? 'ringing' : 'active')
      const method = how === 'room-deleted' ? 'DeleteRoom' : 'RemoveParticipant'
      const body = { room: line.roomName, ...(how === 'participant-removed' && { identity: 'callee' }) }
      const asked = await stage.target.api.ask(`RoomService/${method}`, body)
      const call = describeCall(await stage.endedCall(line.from))
      const told = await finished(stage, line.roomName)
      const { ending } = call as { ending: string }
      stage.rely('the telephone stops', ending === (moment === 'ringing' ? 'canceled' : 'hung_up'))
      return { asked: asked.status, answer: describeAnswer(stage, await dialing), call, ...told }
    },
    tell: ({ call, story }) =>
      `${moment === 'ringing' ? 'CANCEL' : 'BYE'} (${(call as { ending: string }).ending}); ${leftLine(story)}`,
  })
}

/** Waits until LiveKit says so of the telephone leg, and its sound is there: that is told by chance before or after. */
export async function legIs(stage: Stage, line: Line, callStatus: string): Promise<void> {
  await stage.webhook(line.roomName, 'track_published')
  await stage.until(`a leg that is ${callStatus}`, async () => {
    return (await stage.target.livekit.lookUp(line.roomName)).leg?.callStatus === callStatus
  })
}

export function leftLine(story: string[]): string {
  return story.find((line) => line.startsWith('participant_left'))?.split(' → ')[0] ?? 'no participant_left'
}

function clientGoesAway(callee: 'answers' | 'no_answer'): Case {
  return defineCase({
    name: callee === 'answers' ? 'client-goes-away-answered' : 'client-goes-away-unanswered',
    title: `The HTTP client goes away while it rings, and ${callee === 'answers' ? 'the callee answers' : 'nobody answers within 5 s'}`,
    async run(stage) {
      const line = await openLine(stage)
      const ringMs = callee === 'answers' ? 20_000 : 5_000
      const away = new AbortController()
      const options = { signal: away.signal }
      const dialing = askToDial(stage, line, { callee, ringMs, options }).catch(() => 'gone' as const)
      await stage.until('the INVITE', async () => (await stage.callsFrom(line.from)).length > 0)
      away.abort()
      const wasGone = (await dialing) === 'gone'
      if (callee === 'answers') {
        await legIs(stage, line, 'active')
        await stage.target.livekit.hangUp(line.roomName)
      }
      const call = await stage.endedCall(line.from)
      const told = await finished(stage, line.roomName)
      const lasted = callee === 'answers' ? 'until hung up' : ringTime(stage, { call, expectedMs: 5_000 })
      return { wasGone, call: describeCall(call), lasted, ...told }
    },
    tell: ({ lasted }) =>
      callee === 'answers' ? 'rings on, and becomes a live call' : `rings on until the ringing timeout (${lasted})`,
  })
}

function twice(identity: 'same' | 'other'): Case {
  return defineCase({
    name: `dialed-twice-${identity}-identity`,
    title: `Dialed twice into one room, with ${identity === 'same' ? 'the same identity' : 'different identities'}`,
    async run(stage) {
      const line = await openLine(stage, { maxParticipants: 3 })
      const first = askToDial(stage, line, { callee: 'no_answer', ringMs: 15_000 })
      await legIs(stage, line, 'ringing')
      const second = { ...line, from: stage.newFrom() }
      const other = askToDial(stage, second, {
        callee: 'answers',
        identity: identity === 'same' ? 'callee' : 'callee-2',
      })
      const secondAnswer = describeAnswer(stage, await other)
      await stage.until('the sound of the second', () => {
        return stage.webhooks(line.roomName).filter(({ event }) => event === 'track_published').length === 2
      })
      if (identity === 'other') await stage.target.livekit.hangUp(line.roomName)
      const firstAnswer = describeAnswer(stage, await first)
      if (identity === 'same') await stage.target.livekit.hangUp(line.roomName)
      const calls = [describeCall(await stage.endedCall(line.from)), describeCall(await stage.endedCall(second.from))]
      const { story, tracks } = await finished(stage, line.roomName)
      return { firstAnswer, secondAnswer, calls, story: identity === 'other' ? story.toSorted() : story, tracks }
    },
    tell: ({ calls, story }) => `${calls.length} INVITEs; ${leftLine(story)}`,
  })
}

const roomFull = defineCase({
  name: 'dialed-twice-room-full',
  title: 'Dialed twice with different identities into a room for one',
  async run(stage) {
    const line = await openLine(stage, { maxParticipants: 1 })
    const first = askToDial(stage, line, { callee: 'no_answer', ringMs: 15_000 })
    await legIs(stage, line, 'ringing')
    const second = { ...line, from: stage.newFrom() }
    const refused = describeAnswer(stage, await askToDial(stage, second, { callee: 'answers', identity: 'callee-2' }))
    const invites = (await stage.callsFrom(second.from)).length
    stage.rely('the second is refused before any INVITE', invites === 0)
    await stage.target.livekit.hangUp(line.roomName)
    await first
    return { refused, invites, ...(await finished(stage, line.roomName)) }
  },
  tell: ({ invites, refused }) => `${invites} INVITEs for the second: ${(refused as { status: number }).status}`,
})

const recreated = defineCase({
  name: 'dialed-after-delete',
  title: 'Dialed into a room that was deleted before',
  async run(stage) {
    const line = await openLine(stage)
    await stage.target.livekit.hangUp(line.roomName)
    await finished(stage, line.roomName)
    const answer = describeAnswer(stage, await askToDial(stage, line, { callee: 'busy' }))
    await stage.until(
      'the second end of the room',
      () => stage.webhooks(line.roomName).filter(({ event }) => event === 'room_finished').length === 2,
      60_000,
    )
    const { story } = await finished(stage, line.roomName)
    return { answer, story }
  },
  tell: ({ story }) =>
    `the room is created anew: ${story.filter((line) => line === 'room_started').length} room_started`,
})

export const endingCases: Case[] = [
  endedBy('room-deleted', 'ringing'),
  endedBy('room-deleted', 'answered'),
  endedBy('participant-removed', 'ringing'),
  endedBy('participant-removed', 'answered'),
  ...[clientGoesAway('no_answer'), clientGoesAway('answers'), twice('same'), twice('other'), roomFull, recreated],
]
