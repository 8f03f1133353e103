import { EgressInfo, EgressStatus, type EncodedFileOutput, type RoomCompositeEgressRequest } from '@livekit/protocol'
import { type SimulatedClock, toNanoseconds } from '../clock.ts'
import { newId } from '../ids.ts'
import type { RoomState } from '../rooms/room.ts'
import { writeSilence } from '../storage/silence.ts'
import type { Storage } from '../storage/storage.ts'
import type { WebhookEvents } from '../webhooks/webhook-events.ts'
import { describeFile, outputsOf, withoutCredentials } from './recording-files.ts'

export type Deps = {
  clock: SimulatedClock
  events: WebhookEvents
  storage: Storage
  /** What was asked for, with the credentials that an info does not tell. */
  outputs: WeakMap<EgressInfo, EncodedFileOutput[]>
}

const startMs = 1_500
const uploadMs = 1_000

/** Starts a recording, which becomes active after a while. Of its file, only what is told of it and silence exist. */
export function startRecording(
  deps: Deps,
  { room, request }: { room: RoomState; request: RoomCompositeEgressRequest },
): EgressInfo {
  const { clock, events } = deps
  const startedMs = clock.now()
  const info = new EgressInfo({
    egressId: newId('EG_'),
    roomId: room.sid,
    roomName: room.name,
    status: EgressStatus.EGRESS_STARTING,
    startedAt: toNanoseconds(startedMs),
    updatedAt: toNanoseconds(startedMs),
    request: { case: 'roomComposite', value: withoutCredentials(request) },
    fileResults: outputsOf(request).map((output) => describeFile(output, { room, startedMs })),
  })
  deps.outputs.set(info, outputsOf(request))
  events.egress('egress_started', info)
  clock.after(startMs, () => {
    if (info.status === EgressStatus.EGRESS_STARTING) move(deps, { info, status: EgressStatus.EGRESS_ACTIVE })
  })
  return info
}

/** Ends a recording after its upload, or at once when it has not begun. Stopping twice is once. */
export function stopRecording(deps: Deps, info: EgressInfo): void {
  if (info.status === EgressStatus.EGRESS_STARTING) {
    info.error = 'stop called before the recording had started'
    move(deps, { info, status: EgressStatus.EGRESS_ABORTED })
  } else if (info.status === EgressStatus.EGRESS_ACTIVE) {
    move(deps, { info, status: EgressStatus.EGRESS_ENDING })
    deps.clock.after(uploadMs, () => complete(deps, info))
  }
}

function complete(deps: Deps, info: EgressInfo) {
  const { startedAt } = info
  const endedAt = toNanoseconds(deps.clock.now())
  const duration = endedAt - startedAt
  const durationMs = Number(duration / 1_000_000n)
  const size = BigInt(writeSilence(durationMs).length)
  info.fileResults = info.fileResults.map((file) => Object.assign(file.clone(), { startedAt, endedAt, duration, size }))
  const outputs = deps.outputs.get(info) ?? []
  for (const [n, { filename }] of info.fileResults.entries()) {
    const output = outputs[n]
    if (output) deps.storage.upload(output, { filename, durationMs })
  }
  const [file] = info.fileResults
  if (file) info.result = { case: 'file', value: file }
  move(deps, { info, status: EgressStatus.EGRESS_COMPLETE })
}

function move({ clock, events }: Deps, { info, status }: { info: EgressInfo; status: EgressStatus }) {
  info.status = status
  info.updatedAt = toNanoseconds(clock.now())
  const isOver = status === EgressStatus.EGRESS_COMPLETE || status === EgressStatus.EGRESS_ABORTED
  if (isOver) info.endedAt = info.updatedAt
  events.egress(isOver ? 'egress_ended' : 'egress_updated', info)
}
