import {
  EgressStatus,
  ListEgressRequest,
  ListEgressResponse,
  RoomCompositeEgressRequest,
  StopEgressRequest,
} from '@livekit/protocol'
import type { Simulation } from '../simulation.ts'
import { method, type Service } from '../twirp.ts'
import { TwirpError } from '../twirp-error.ts'

/** Egress: recordings of whole rooms. */
export function createEgressService({ rooms, egresses }: Simulation): Service {
  return {
    StartRoomCompositeEgress: method({
      request: RoomCompositeEgressRequest,
      grant: 'roomRecord',
      answer: (request) => {
        const room = rooms.find(request.roomName)
        if (!room) throw new TwirpError('not_found', 'requested room does not exist')
        const hasOutput = request.fileOutputs.length > 0 || request.output.case === 'file'
        if (!hasOutput) throw new TwirpError('invalid_argument', 'request has missing or invalid field: output')
        return egresses.start(room, request)
      },
    }),
    StopEgress: method({
      request: StopEgressRequest,
      grant: 'roomRecord',
      answer: ({ egressId }) => {
        const info = egresses.find(egressId)
        if (!info) throw new TwirpError('not_found', 'egress does not exist')
        if (info.status > EgressStatus.EGRESS_ACTIVE) {
          throw new TwirpError(
            'failed_precondition',
            `egress with status ${EgressStatus[info.status]} cannot be stopped`,
          )
        }
        egresses.stop(info)
        return info
      },
    }),
    ListEgress: method({
      request: ListEgressRequest,
      grant: 'roomRecord',
      answer: (filter) => new ListEgressResponse({ items: egresses.list(filter) }),
    }),
  }
}
