/** An instant at which calling rules change: a local midnight, a change of the clock, or an ordinary hour. */
export type Moment = { name: string; edge: string; zones: readonly string[] }

/**
 * Edges are in UTC. Changes of the clock are those of the tz database for 2026: the gap or the overlap begins at `edge`
 * in all of `zones`, but for the midnights, which are midnights there.
 */
export const moments: readonly Moment[] = [
  { name: 'spring forward in New York', edge: '2026-03-08T07:00:00Z', zones: ['America/New_York', 'America/Toronto'] },
  { name: 'spring forward in Chicago', edge: '2026-03-08T08:00:00Z', zones: ['America/Chicago', 'America/Winnipeg'] },
  { name: 'fall back in New York', edge: '2026-11-01T06:00:00Z', zones: ['America/New_York', 'America/Toronto'] },
  { name: 'fall back in Los Angeles', edge: '2026-11-01T09:00:00Z', zones: ['America/Los_Angeles'] },
  { name: 'spring forward in Newfoundland', edge: '2026-03-08T05:30:00Z', zones: ['America/St_Johns'] },
  { name: 'spring forward in Europe', edge: '2026-03-29T01:00:00Z', zones: ['Europe/Berlin', 'Europe/London'] },
  { name: 'fall back in Europe', edge: '2026-10-25T01:00:00Z', zones: ['Europe/Berlin', 'Europe/London'] },
  { name: 'half an hour back on Lord Howe', edge: '2026-04-04T15:00:00Z', zones: ['Australia/Lord_Howe'] },
  { name: 'half an hour forward on Lord Howe', edge: '2026-10-03T15:30:00Z', zones: ['Australia/Lord_Howe'] },
  { name: 'fall back in Adelaide', edge: '2026-04-04T16:30:00Z', zones: ['Australia/Adelaide'] },
  { name: 'Cairo skips midnight', edge: '2026-04-23T22:00:00Z', zones: ['Africa/Cairo'] },
  { name: 'Cairo repeats the hour before midnight', edge: '2026-10-29T21:00:00Z', zones: ['Africa/Cairo'] },
  { name: 'Santiago skips midnight', edge: '2026-09-06T04:00:00Z', zones: ['America/Santiago'] },
  { name: 'midnight in New York', edge: '2026-06-16T04:00:00Z', zones: ['America/New_York', 'America/Toronto'] },
  { name: 'midnight in Chicago', edge: '2026-07-04T05:00:00Z', zones: ['America/Chicago'] },
  { name: 'midnight in India', edge: '2026-08-14T18:30:00Z', zones: ['Asia/Kolkata'] },
  { name: 'midnight in Nepal', edge: '2026-05-20T18:15:00Z', zones: ['Asia/Kathmandu'] },
  { name: 'midnight on the Chatham Islands', edge: '2026-06-21T11:15:00Z', zones: ['Pacific/Chatham'] },
  { name: 'New Year in Berlin', edge: '2026-12-31T23:00:00Z', zones: ['Europe/Berlin'] },
  { name: 'leap day in London', edge: '2028-02-29T00:00:00Z', zones: ['Europe/London'] },
  { name: 'midnight in Honolulu', edge: '2026-09-01T10:00:00Z', zones: ['Pacific/Honolulu'] },
  { name: 'Monday morning in Denver', edge: '2026-05-04T15:00:00Z', zones: ['America/Denver', 'America/Phoenix'] },
]
