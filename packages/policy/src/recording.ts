/**
 * A recording of a call, as a fold over what is told of it. Whoever makes it tells beginnings and ends in any order,
 * twice or not at all: every field is the first, the last or the larger of what anyone said, so order cannot matter.
 */

/** `wanted`: ours to start; `deleted`: the file is gone and nothing said later brings it back. */
export const recordingStatuses = ['wanted', 'starting', 'recording', 'failed', 'complete', 'deleted'] as const
export type RecordingStatus = (typeof recordingStatuses)[number]

export const recordingSources = ['livekit', 'twilio', 'exotel'] as const
export type RecordingSource = (typeof recordingSources)[number]

export type RecordingFacts = {
  source: RecordingSource
  /** The maker's id, such as LiveKit's `EG_…` or Twilio's `RE…`; null until it is told. */
  externalId: string | null
  status: RecordingStatus
  /** The name of the file in its bucket. */
  fileKey: string | null
  /** Where the maker says the file is. */
  location: string | null
  startedAt: Date | null
  endedAt: Date | null
  durationMs: number | null
  sizeBytes: number | null
  error: string | null
}

/** What somebody says of a recording; what is left out is not known to them. */
export type RecordingNews = Pick<RecordingFacts, 'source'> & {
  externalId?: string | undefined
  status: Exclude<RecordingStatus, 'wanted' | 'deleted'>
  fileKey?: string | undefined
  location?: string | undefined
  startedAt?: Date | undefined
  endedAt?: Date | undefined
  durationMs?: number | undefined
  sizeBytes?: number | undefined
  error?: string | undefined
}

/** Nothing more will be told of it that matters. */
export function isRecordingOver(status: RecordingStatus): boolean {
  return status === 'failed' || status === 'complete' || status === 'deleted'
}

/** Whether the news are about this recording: the same maker and its id, or the same file. */
export function isAbout(recording: RecordingFacts, news: RecordingNews): boolean {
  if (recording.source !== news.source) return false
  if (recording.externalId !== null && news.externalId !== undefined) return recording.externalId === news.externalId
  return recording.fileKey !== null && recording.fileKey === news.fileKey
}

/** What is known of a recording after `news`; `known` is null for the first. */
export function hearRecording(known: RecordingFacts | null, news: RecordingNews): RecordingFacts {
  const before = known ?? nothingKnown(news.source)
  if (before.status === 'deleted') return before
  const status = furthest(before.status, news.status)
  return {
    ...before,
    externalId: smallest(before.externalId, news.externalId),
    status,
    fileKey: smallest(before.fileKey, news.fileKey),
    location: smallest(before.location, news.location),
    startedAt: earliest(before.startedAt, news.startedAt),
    endedAt: latest(before.endedAt, news.endedAt),
    durationMs: largest(before.durationMs, news.durationMs),
    sizeBytes: largest(before.sizeBytes, news.sizeBytes),
    error: smallest(before.error, news.error),
  }
}

function nothingKnown(source: RecordingSource): RecordingFacts {
  return {
    ...{ source, externalId: null, status: 'starting', fileKey: null, location: null, startedAt: null },
    ...{ endedAt: null, durationMs: null, sizeBytes: null, error: null },
  }
}

function furthest(a: RecordingStatus, b: RecordingStatus): RecordingStatus {
  return recordingStatuses.indexOf(a) >= recordingStatuses.indexOf(b) ? a : b
}

function earliest(a: Date | null, b: Date | undefined): Date | null {
  return b && (a === null || b < a) ? b : a
}

function latest(a: Date | null, b: Date | undefined): Date | null {
  return b && (a === null || b > a) ? b : a
}

function largest(a: number | null, b: number | undefined): number | null {
  return b !== undefined && (a === null || b > a) ? b : a
}

/** Of two that differ, which should not happen, always the same one. */
function smallest(a: string | null, b: string | undefined): string | null {
  return b !== undefined && (a === null || b < a) ? b : a
}
