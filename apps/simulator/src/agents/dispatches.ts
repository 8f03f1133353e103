import {
  AgentDispatch,
  AgentDispatchState,
  DisconnectReason,
  Job,
  JobState,
  JobStatus,
  JobType,
} from '@livekit/protocol'
import { toNanoseconds } from '../clock.ts'
import { newId } from '../ids.ts'
import type { Log } from '../log.ts'
import { type RoomState, toRoom } from '../rooms/room.ts'
import { Agent, type AgentDeps } from './agent.ts'
import type { Workers } from './workers.ts'

type DispatchOrder = { agentName: string; metadata: string; attributes?: Record<string, string> }

type Deps = AgentDeps & { workers: Workers; log: Log }

export type Dispatches = ReturnType<typeof createDispatches>

/**
 * Sends agents to rooms. Like the open-source server, a dispatch without a worker succeeds, stays without jobs
 * and is not tried again.
 */
export function createDispatches(deps: Deps) {
  const { clock, rooms, workers, log } = deps
  const byRoom = new Map<string, Map<string, AgentDispatch>>()

  function assign(room: RoomState, dispatch: AgentDispatch) {
    if (rooms.find(room.name) !== room) return
    if (!byRoom.get(room.name)?.has(dispatch.id)) return
    const jobId = newId('AJ_')
    const agent = new Agent(deps, { room, jobId, metadata: dispatch.metadata, attributes: dispatch.attributes })
    dispatch.state?.jobs.push(describeJob({ jobId, room, dispatch, identity: agent.identity, nowMs: clock.now() }))
    agent.join()
  }

  return {
    create(room: RoomState, { agentName, metadata, attributes = {} }: DispatchOrder): AgentDispatch {
      const state = new AgentDispatchState({ createdAt: toNanoseconds(clock.now()) })
      const dispatch = new AgentDispatch({ id: newId('AD_'), agentName, room: room.name, metadata, attributes, state })
      const known = byRoom.get(room.name) ?? new Map<string, AgentDispatch>()
      byRoom.set(room.name, known.set(dispatch.id, dispatch))
      if (workers.isAvailable(agentName)) {
        clock.after(workers.joinDelay(agentName, room.name), () => assign(room, dispatch))
      } else if (agentName !== '') {
        log('warn', 'not dispatching agent job since no worker is available', { agentName, room: room.name })
      }
      return dispatch
    },
    list: (roomName: string): AgentDispatch[] => [...(byRoom.get(roomName)?.values() ?? [])],
    /** Forgets a dispatch and sends its agents away. */
    delete(roomName: string, id: string): AgentDispatch | undefined {
      const dispatch = byRoom.get(roomName)?.get(id)
      if (!dispatch) return undefined
      byRoom.get(roomName)?.delete(id)
      const room = rooms.find(roomName)
      for (const job of dispatch.state?.jobs ?? []) {
        const agent = room?.participants.get(job.state?.participantIdentity ?? '')
        if (agent) rooms.remove(agent, DisconnectReason.PARTICIPANT_REMOVED, 'api')
      }
      return dispatch
    },
    forgetRoom: (roomName: string) => void byRoom.delete(roomName),
  }
}

type JobFacts = { jobId: string; room: RoomState; dispatch: AgentDispatch; identity: string; nowMs: number }

function describeJob({ jobId, room, dispatch, identity, nowMs }: JobFacts): Job {
  const at = toNanoseconds(nowMs)
  return new Job({
    id: jobId,
    dispatchId: dispatch.id,
    type: JobType.JT_ROOM,
    room: toRoom(room),
    agentName: dispatch.agentName,
    metadata: dispatch.metadata,
    state: new JobState({
      status: JobStatus.JS_RUNNING,
      startedAt: at,
      updatedAt: at,
      participantIdentity: identity,
      workerId: 'AW_simulator',
    }),
  })
}
