import {
  CreateAgentDispatchRequest,
  DeleteAgentDispatchRequest,
  ListAgentDispatchRequest,
  ListAgentDispatchResponse,
} from '@livekit/protocol'
import type { Simulation } from '../simulation.ts'
import { method, type Service } from '../twirp.ts'
import { TwirpError } from '../twirp-error.ts'

/** AgentDispatchService; every method needs `roomAdmin` for the room. */
export function createDispatchService({ rooms, dispatches }: Simulation): Service {
  return {
    CreateDispatch: method({
      request: CreateAgentDispatchRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: ({ room, agentName, metadata, attributes }) => {
        if (!room) throw new TwirpError('invalid_argument', 'missing room name')
        return dispatches.create(rooms.findOrCreate({ name: room }).room, { agentName, metadata, attributes })
      },
    }),
    ListDispatch: method({
      request: ListAgentDispatchRequest,
      grant: 'roomAdmin',
      roomOf: ({ room }) => room,
      answer: ({ room, dispatchId }) => {
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
      answer: ({ room, dispatchId }) => {
        const dispatch = dispatches.delete(room, dispatchId)
        if (!dispatch) throw new TwirpError('not_found', 'dispatch does not exist')
        return dispatch
      },
    }),
  }
}
