import { type EgressInfo, EgressStatus, type RoomCompositeEgressRequest } from '@livekit/protocol'
import type { RoomState } from '../rooms/room.ts'
import { type Deps, startRecording, stopRecording } from './recording.ts'

export type Egresses = ReturnType<typeof createEgresses>

/** All recordings, and which belong to rooms that are still open. */
export function createEgresses(given: Omit<Deps, 'outputs'>) {
  const deps: Deps = { ...given, outputs: new WeakMap() }
  const all = new Map<string, EgressInfo>()
  const byOpenRoom = new Map<string, EgressInfo[]>()

  return {
    start(room: RoomState, request: RoomCompositeEgressRequest): EgressInfo {
      const info = startRecording(deps, { room, request })
      all.set(info.egressId, info)
      byOpenRoom.set(room.sid, [...(byOpenRoom.get(room.sid) ?? []), info])
      return info
    },
    find: (egressId: string): EgressInfo | undefined => all.get(egressId),
    stop: (info: EgressInfo) => stopRecording(deps, info),
    list({ roomName, egressId, active }: { roomName: string; egressId: string; active: boolean }): EgressInfo[] {
      return [...all.values()].filter(
        (info) =>
          (!roomName || info.roomName === roomName) &&
          (!egressId || info.egressId === egressId) &&
          (!active || info.status <= EgressStatus.EGRESS_ENDING),
      )
    },
    stopRoom(room: RoomState) {
      for (const info of byOpenRoom.get(room.sid) ?? []) stopRecording(deps, info)
      byOpenRoom.delete(room.sid)
    },
    clear() {
      all.clear()
      byOpenRoom.clear()
    },
  }
}
