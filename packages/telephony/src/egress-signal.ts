import type { Signal } from '@outdial/policy/signal'
import type { EgressInfo } from 'livekit-server-sdk'

/** What is worth keeping of LiveKit's account of a recording; plain JSON. Credentials are not in it. */
export type EgressSummary = {
  egressId: string
  roomName: string
  /** EGRESS_COMPLETE, EGRESS_FAILED and so on. */
  status: string
  error: string
  startedAtMs: number
  endedAtMs: number
  /** The file that was asked for; what became of it is in `files` once it is there. */
  requestedFile: string
  files: { filename: string; location: string; sizeBytes: number; durationMs: number }[]
}

export function summariseEgress(egress: EgressInfo): EgressSummary {
  const legacy = egress.result.case === 'file' ? [egress.result.value] : []
  const files = egress.fileResults.length > 0 ? egress.fileResults : legacy
  return {
    egressId: egress.egressId,
    roomName: egress.roomName,
    status: statusOf(egress),
    error: egress.error,
    startedAtMs: toMs(egress.startedAt),
    endedAtMs: toMs(egress.endedAt),
    requestedFile: requestedFileOf(egress),
    files: files.map((file) => ({
      filename: file.filename,
      location: file.location,
      sizeBytes: Number(file.size),
      durationMs: toMs(file.duration),
    })),
  }
}

/** What an egress event says of a call's recording. `at` is when it was said. */
export function recordingSignal(egress: EgressSummary, at: Date): Signal & { kind: 'recording' } {
  const [file] = egress.files
  const fileKey = file?.filename || egress.requestedFile
  return {
    ...{ kind: 'recording', at, source: 'livekit', externalId: egress.egressId },
    status: statuses[egress.status] ?? 'recording',
    ...(fileKey && { fileKey: fileKey.slice(0, textMax) }),
    ...(file?.location && { location: file.location.slice(0, textMax) }),
    ...(egress.startedAtMs > 0 && { startedAt: new Date(egress.startedAtMs) }),
    ...(egress.endedAtMs > 0 && { endedAt: new Date(egress.endedAtMs) }),
    ...(file && file.durationMs > 0 && { durationMs: file.durationMs }),
    ...(file && file.sizeBytes > 0 && { sizeBytes: file.sizeBytes }),
    ...(egress.error && { error: egress.error.slice(0, textMax) }),
  }
}

const textMax = 2_000

/** A recording that ran into a limit has a file all the same. */
const statuses: Record<string, (Signal & { kind: 'recording' })['status']> = {
  EGRESS_STARTING: 'starting',
  EGRESS_ACTIVE: 'recording',
  EGRESS_ENDING: 'recording',
  EGRESS_COMPLETE: 'complete',
  EGRESS_LIMIT_REACHED: 'complete',
  EGRESS_FAILED: 'failed',
  EGRESS_ABORTED: 'failed',
}

/** Egress counts in nanoseconds. */
function toMs(nanoseconds: bigint): number {
  return Number(nanoseconds / 1_000_000n)
}

function requestedFileOf({ request }: EgressInfo): string {
  if (request.case !== 'roomComposite') return ''
  const { fileOutputs, output } = request.value
  return fileOutputs[0]?.filepath || (output.case === 'file' ? output.value.filepath : '')
}

/** The SDK's enum has numbers; its names are in the JSON form, which leaves out the first. */
function statusOf(egress: EgressInfo): string {
  const json: unknown = egress.toJson()
  const name = typeof json === 'object' && json !== null && 'status' in json ? json.status : undefined
  return typeof name === 'string' ? name : 'EGRESS_STARTING'
}
