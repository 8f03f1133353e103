import { expireTranscripts } from '../calls/transcripts.ts'
import type { Deps } from '../deps.ts'
import { forgetEvents } from '../event-log.ts'
import { expireRecordings } from '../recordings/recordings.ts'

export type Forgotten = { recordings: number; transcripts: number; events: number }

/**
 * Lets go of what has been kept for as long as it should: recordings and words as each workspace wants, entries of the
 * event log as the installation does. A batch of each at a time; returns how much, so that whoever calls knows whether
 * to call again. Any number of processes may.
 */
export async function forget(
  deps: Pick<Deps, 'db'>,
  input: {
    now: Date
    /** Real time, which the event log is dated by. */
    realNow: Date
    /** Null: entries are kept for good. At least 30. */
    eventLogDays: number | null
  },
): Promise<Forgotten> {
  const { now, realNow, eventLogDays } = input
  return {
    recordings: await expireRecordings(deps, now),
    transcripts: await expireTranscripts(deps, now),
    events: eventLogDays === null ? 0 : await forgetEvents(deps.db, { realNow, days: eventLogDays }),
  }
}
