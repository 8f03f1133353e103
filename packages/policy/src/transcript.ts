/**
 * The words of a call. They come live, line by line and each line several times while it is still being understood,
 * and again as a whole with the agent's report. Both are kept apart and merged so that order cannot matter.
 */
import type { TranscriptLine } from './signal.ts'

/** One line as it was heard live, as it is stored: moments are ISO texts, which sort like the moments. */
export type LiveLine = {
  /** The teller's own for this line: what is said again under the same id replaces it. */
  id: string
  speaker: TranscriptLine['speaker']
  text: string
  /** When it began to be said. */
  at: string
  /** When this wording of it was told. */
  toldAt: string
  isFinal: boolean
}

/** A line as it is shown; `isInterim` while it may still change, or when the call ended before it was final. */
export type ShownLine = TranscriptLine & { isInterim?: true }

/** More lines than a call can have; what begins later than these is dropped. */
export const liveLinesMax = 5_000

/** The lines after hearing another: a final wording beats interim ones, a later one earlier ones. */
export function hearLine(known: LiveLine[] | null, told: LiveLine): LiveLine[] {
  const before = known?.find((line) => line.id === told.id) ?? told
  const wording = isNewer(told, before) ? told : before
  // When it began stays, so that a line does not move while it grows.
  const [at = told.at] = [before.at, told.at].toSorted()
  const line = { ...wording, at }
  const others = (known ?? []).filter(({ id }) => id !== told.id)
  return [...others, line].toSorted(inOrder).slice(0, liveLinesMax)
}

/** What people are shown: the agent's own transcript, unless more lines were heard live than it has. */
export function shownTranscript(call: {
  transcript: TranscriptLine[] | null
  liveTranscript: LiveLine[] | null
}): ShownLine[] | null {
  const { transcript, liveTranscript } = call
  if (!liveTranscript || liveTranscript.length <= (transcript?.length ?? 0)) return transcript
  return liveTranscript.map(({ speaker, text, at, isFinal }) => ({
    ...{ speaker, text, at: new Date(at) },
    ...(isFinal ? {} : { isInterim: true as const }),
  }))
}

/** Of two whole transcripts the one with more lines; of equally long ones always the same. */
export function fullerTranscript(a: TranscriptLine[] | null, b: TranscriptLine[] | null): TranscriptLine[] | null {
  if (!a || !b) return a ?? b
  if (a.length !== b.length) return a.length > b.length ? a : b
  return textOf(a) >= textOf(b) ? a : b
}

function isNewer(a: LiveLine, b: LiveLine): boolean {
  if (a.isFinal !== b.isFinal) return a.isFinal
  if (a.toldAt !== b.toldAt) return a.toldAt > b.toldAt
  // LiveKit's events know only their second: of two wordings in one, the longer is the later.
  if (a.text.length !== b.text.length) return a.text.length > b.text.length
  return `${a.text}${a.speaker}` > `${b.text}${b.speaker}`
}

function inOrder(a: LiveLine, b: LiveLine): number {
  if (a.at !== b.at) return a.at < b.at ? -1 : 1
  return a.id < b.id ? -1 : 1
}

/** A stored transcript has texts where a told one has dates, and its fields in another order. */
function textOf(lines: TranscriptLine[]): string {
  return lines.map(({ speaker, text, at }) => `${new Date(at).toISOString()} ${speaker} ${text}`).join('\n')
}
