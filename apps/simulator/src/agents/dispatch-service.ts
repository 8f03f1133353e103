import {
  CreateAgentDispatchRequest,
  DeleteAgentDispatchRequest,
  ListAgentDispatchRequest,
  ListAgentDispatchResponse,
} from '@livekit/protocol'
import type { Simulation } from '../simulation.ts'
import { method, type Service } from '../twirp.ts'
import { fromNode, TwirpError } from '../twirp-error.ts'

/** AgentDispatchService; every method needs `roomAdmin` for the room. */
export function createDispatchService({ clock, rooms, dispatches }: Simulation): Service {
  return {
    CreateDispatch: method({
      request: CreateAgentDispatchRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: ({ room, agentName, metadata, attributes }) => {
        return dispatches.create(rooms.findOrCreate({ name: room }).room, { agentName, metadata, attributes })
      },
    }),
    ListDispatch: method({
      request: ListAgentDispatchRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: async ({ room, dispatchId }) => {
        if (!rooms.find(room)) await nobodyAnswers(clock)
        const all = dispatches.list(room)
        return new ListAgentDispatchResponse({
          agentDispatches: dispatchId ? all.filter(({ id }) => id === dispatchId) : all,
        })
      },
    }),
    DeleteDispatch: method({
      request: DeleteAgentDispatchRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: async ({ room, dispatchId }) => {
        if (!rooms.find(room)) await nobodyAnswers(clock)
        const dispatch = dispatches.delete(room, dispatchId)
        if (!dispatch) throw new TwirpError('not_found', fromNode('dispatch ID not found'))
        return dispatch
      },
    }),
  }
}

// LiveKit asks the node of the room, and there is none
async function nobodyAnswers(clock: Simulation['clock']): Promise<never> {
  await new Promise<void>((resolve) => clock.after(askingNodesMs, resolve))
  throw new TwirpError('unavailable', fromNode('no response from servers'))
}

const askingNodesMs = 3_000
