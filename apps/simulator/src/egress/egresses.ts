import {
  EgressInfo,
  EgressStatus,
  type EncodedFileOutput,
  FileInfo,
  type RoomCompositeEgressRequest,
} from '@livekit/protocol'
import { newId } from '../ids.ts'
import type { RoomState } from '../rooms/room.ts'
import type { Simulation } from '../simulation.ts'

const startMs = 1_500
const uploadMs = 1_000
const bytesPerSecond = 4_000

export type Egresses = ReturnType<typeof createEgresses>

/** Recordings of rooms. No file is written; everything that is told about one is. */
export function createEgresses({ clock, events }: Pick<Simulation, 'clock' | 'events'>) {
  const all = new Map<string, EgressInfo>()
  const running = new Map<string, EgressInfo[]>()

  function move(info: EgressInfo, status: EgressStatus) {
    info.status = status
    info.updatedAt = nanoseconds()
    const isOver = status === EgressStatus.EGRESS_COMPLETE || status === EgressStatus.EGRESS_ABORTED
    if (isOver) info.endedAt = info.updatedAt
    events.egress(isOver ? 'egress_ended' : 'egress_updated', info)
  }

  function stop(info: EgressInfo) {
    if (info.status === EgressStatus.EGRESS_STARTING) {
      info.error = 'stop called before the recording had started'
      move(info, EgressStatus.EGRESS_ABORTED)
    } else if (info.status === EgressStatus.EGRESS_ACTIVE) {
      move(info, EgressStatus.EGRESS_ENDING)
      clock.after(uploadMs, () => complete(info))
    }
  }

  function complete(info: EgressInfo) {
    const endedAt = nanoseconds()
    const duration = endedAt - info.startedAt
    const size = (duration / 1_000_000_000n) * BigInt(bytesPerSecond)
    info.fileResults = info.fileResults.map((file) =>
      finishFile(file, { startedAt: info.startedAt, endedAt, duration, size }),
    )
    const [file] = info.fileResults
    if (file) info.result = { case: 'file', value: file }
    move(info, EgressStatus.EGRESS_COMPLETE)
  }

  function nanoseconds(): bigint {
    return BigInt(Math.floor(clock.now())) * 1_000_000n
  }

  return {
    start(room: RoomState, request: RoomCompositeEgressRequest): EgressInfo {
      const now = nanoseconds()
      const time = new Date(clock.now()).toISOString()
      const outputs = request.fileOutputs.length > 0 ? request.fileOutputs : legacyOutput(request)
      const info = new EgressInfo({
        egressId: newId('EG_'),
        roomId: room.sid,
        roomName: room.name,
        status: EgressStatus.EGRESS_STARTING,
        startedAt: now,
        updatedAt: now,
        request: { case: 'roomComposite', value: redact(request) },
        fileResults: outputs.map((output) => describeFile(output, { room, time })),
      })
      all.set(info.egressId, info)
      running.set(room.sid, [...(running.get(room.sid) ?? []), info])
      events.egress('egress_started', info)
      clock.after(startMs, () => {
        if (info.status === EgressStatus.EGRESS_STARTING) move(info, EgressStatus.EGRESS_ACTIVE)
      })
      return info
    },
    find: (egressId: string): EgressInfo | undefined => all.get(egressId),
    stop,
    list({ roomName, egressId, active }: { roomName: string; egressId: string; active: boolean }): EgressInfo[] {
      return [...all.values()].filter(
        (info) =>
          (!roomName || info.roomName === roomName) &&
          (!egressId || info.egressId === egressId) &&
          (!active || info.status <= EgressStatus.EGRESS_ENDING),
      )
    },
    stopRoom(room: RoomState) {
      for (const info of running.get(room.sid) ?? []) stop(info)
      running.delete(room.sid)
    },
    clear() {
      all.clear()
      running.clear()
    },
  }
}

function legacyOutput({ output }: RoomCompositeEgressRequest): EncodedFileOutput[] {
  return output.case === 'file' ? [output.value] : []
}

function describeFile(output: EncodedFileOutput, { room, time }: { room: RoomState; time: string }): FileInfo {
  const filename = (output.filepath || '{room_name}-{time}')
    .replaceAll('{room_name}', room.name)
    .replaceAll('{room_id}', room.sid)
    .replaceAll('{time}', time)
  const upload = output.output
  if (upload.case !== 's3') return new FileInfo({ filename, location: filename })
  const host = upload.value.endpoint || `https://${upload.value.bucket}.s3.amazonaws.com`
  return new FileInfo({ filename, location: `${host}/${filename}` })
}

// like the real service, the request is echoed without its credentials
function redact(request: RoomCompositeEgressRequest): RoomCompositeEgressRequest {
  const copy = request.clone()
  for (const { output } of [...copy.fileOutputs, ...legacyOutput(copy)]) {
    if (output.case !== 's3') continue
    if (output.value.accessKey) output.value.accessKey = '{access_key}'
    if (output.value.secret) output.value.secret = '{secret}'
    if (output.value.sessionToken) output.value.sessionToken = '{session_token}'
  }
  return copy
}

function finishFile(file: FileInfo, facts: Pick<FileInfo, 'startedAt' | 'endedAt' | 'duration' | 'size'>): FileInfo {
  return Object.assign(file.clone(), facts)
}
