/** Real ms after the campaigns were started. */
export type Schedule = {
  /** The last fault and the last user. */
  calmMs: number
  /** Windows and caps that would keep a campaign waiting are lifted; who was paused or stopped goes on. */
  openMs: number
  /** Whoever still waits then, for a callback or a day that is far off, is let go. */
  endMs: number
  /** What is not over now is stuck. */
  deadlineMs: number
}

export const schedule: Schedule = { calmMs: 14_000, openMs: 17_000, endMs: 22_000, deadlineMs: 42_000 }
