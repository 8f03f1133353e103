import { type EncodedFileOutput, FileInfo, type RoomCompositeEgressRequest } from '@livekit/protocol'
import type { RoomState } from '../rooms/room.ts'

/** The files a recording asks for, whether in the list or in the single field of before. */
export function outputsOf(request: RoomCompositeEgressRequest): EncodedFileOutput[] {
  return request.fileOutputs.length > 0 ? request.fileOutputs : singleOutput(request)
}

/** A file as it will be called; `startedMs` fills its `{time}`. */
export function describeFile(
  { filepath, output }: EncodedFileOutput,
  { room, startedMs }: { room: RoomState; startedMs: number },
): FileInfo {
  const filename = (filepath || '{room_name}-{time}')
    .replaceAll('{room_name}', room.name)
    .replaceAll('{room_id}', room.sid)
    .replaceAll('{time}', new Date(startedMs).toISOString())
  if (output.case !== 's3') return new FileInfo({ filename, location: filename })
  const host = output.value.endpoint || `https://${output.value.bucket}.s3.amazonaws.com`
  return new FileInfo({ filename, location: `${host}/${filename}` })
}

/** Like the real service, the request is echoed without its credentials. */
export function withoutCredentials(request: RoomCompositeEgressRequest): RoomCompositeEgressRequest {
  const copy = request.clone()
  for (const { output } of [...copy.fileOutputs, ...singleOutput(copy)]) {
    if (output.case !== 's3') continue
    if (output.value.accessKey) output.value.accessKey = '{access_key}'
    if (output.value.secret) output.value.secret = '{secret}'
    if (output.value.sessionToken) output.value.sessionToken = '{session_token}'
  }
  return copy
}

function singleOutput({ output }: RoomCompositeEgressRequest): EncodedFileOutput[] {
  return output.case === 'file' ? [output.value] : []
}
