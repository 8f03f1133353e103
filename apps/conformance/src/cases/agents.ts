import { describeAnswer, storyOf } from './calling.ts'
import { type Case, defineCase } from './case.ts'
import { codeOf } from './refusals.ts'

const withoutWorker = defineCase({
  name: 'agent-without-worker',
  title: 'A room and a dispatch for an agent without any worker',
  async run(stage) {
    const room = stage.newRoom()
    const { api, livekit } = stage.target
    const agentName = `missing-${room}`
    const created = await api.ask('RoomService/CreateRoom', {
      name: room,
      emptyTimeout: 30,
      agents: [{ agentName, metadata: '{"a":1}' }],
    })
    const more = await api.ask('AgentDispatchService/CreateDispatch', { room, agentName, metadata: 'more' })
    const known = await livekit.listDispatches(room)
    // LiveKit lists them in any order.
    const listed = known.map(({ metadata }) => metadata).toSorted()
    const { body } = more as { body: { id?: string } }
    const one = describeAnswer(stage, await api.ask('AgentDispatchService/ListDispatch', { room, dispatchId: body.id }))
    const gone = describeAnswer(
      stage,
      await api.ask('AgentDispatchService/DeleteDispatch', { room, dispatchId: body.id }),
    )
    const unknown = await api.ask('AgentDispatchService/DeleteDispatch', { room, dispatchId: 'AD_unknown' })
    stage.rely('both dispatches are known, without a job', known.length === 2)
    stage.rely('no agent joins', !(await livekit.lookUp(room)).agentJoined)
    await livekit.hangUp(room)
    await stage.webhook(room, 'room_finished')
    return {
      created: describeAnswer(stage, created),
      dispatched: describeAnswer(stage, more),
      ...{ listed, one, deleted: gone, unknown: describeAnswer(stage, unknown) },
    }
  },
  tell: ({ dispatched, unknown }) => `${codeOf(dispatched)}, and nobody comes; unknown: ${codeOf(unknown)}`,
})

const wrongDispatch = defineCase({
  name: 'agent-dispatch-wrong',
  title: 'A dispatch without a room, without a name, into a room that is not there',
  async run(stage) {
    const { api, livekit } = stage.target
    const room = stage.newRoom()
    const ask = async (body: Record<string, unknown>) =>
      describeAnswer(stage, await api.ask('AgentDispatchService/CreateDispatch', body))
    const noRoom = await ask({ agentName: 'missing-agent' })
    const missingRoom = await ask({ room, agentName: 'missing-agent' })
    const roomExists = (await livekit.lookUp(room)).roomExists
    const noName = await ask({ room })
    await livekit.hangUp(room)
    return { noRoom, missingRoom, roomExists, noName }
  },
  tell: ({ noRoom, roomExists }) =>
    `without a room: ${codeOf(noRoom)}; a missing room is ${roomExists ? 'created' : 'not created'}`,
})

const withWorker = defineCase({
  name: 'agent-with-worker',
  title: 'An agent with a worker: who joins, as what, and what is told',
  async run(stage) {
    const room = stage.newRoom()
    const { api, livekit, startWorker } = stage.target
    const agentName = `agent-of-${room}`
    const worker = await startWorker(agentName)
    try {
      await livekit.createRoom({
        ...{ roomName: room, metadata: '', agent: { name: agentName, metadata: '{"callId":"1"}' } },
        ...{ emptyTimeoutMs: 30_000, departureTimeoutMs: 2_000, maxParticipants: 1 },
      })
      await stage.until('the agent', async () => (await livekit.lookUp(room)).agentJoined)
      const joined = await stage.webhook(room, 'participant_joined')
      const listed = await stage.until('the job', async () => {
        const answer = await api.ask('AgentDispatchService/ListDispatch', { room })
        return JSON.stringify(answer.body).includes('AJ_') && answer
      })
      await livekit.hangUp(room)
      await stage.webhook(room, 'room_finished')
      const { kind, identity } = joined.summary.participant ?? {}
      stage.rely('it is an agent, named by its job', kind === 'AGENT' && /^agent-AJ_\w+$/.test(identity ?? ''))
      const { story } = storyOf(stage, room)
      return { dispatches: describeAnswer(stage, listed), kind: kind ?? '', story }
    } finally {
      await worker.close()
    }
  },
  tell: ({ kind, story }) => `joins as ${kind}; ${story.find((line) => line.startsWith('participant_left')) ?? ''}`,
})

export const agentCases: Case[] = [withoutWorker, wrongDispatch, withWorker]
