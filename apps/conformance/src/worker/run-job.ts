import { writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { LiveKit } from '@outdial/telephony/livekit'
import { encodeWave } from '../sound/wav.ts'
import { reportCall } from './call-report.ts'
import { joinRoom, type RoomSeat } from './room-seat.ts'
import type { AgentScript, JobStory } from './script.ts'

export type JobRun = {
  livekit: { url: string; apiKey: string; apiSecret: string }
  /** Lets the agent into the room. */
  token: string
  script: AgentScript
  story: JobStory
  /** Fires when LiveKit takes the job back, or the worker closes. */
  signal: AbortSignal
}

/** Lives one job to its end, whatever comes. Never throws: what went wrong is in the story. */
export async function runJob({ livekit, token, script, story, signal }: JobRun): Promise<void> {
  story.assignedMs = Date.now()
  try {
    if (script.join === 'never') {
      story.ending = 'never_joined'
      return
    }
    await delay(script.joinDelayMs ?? 0, undefined, { signal })
    const seat = await joinRoom({
      url: livekit.url,
      token,
      story,
      sound: script.sound ?? true,
      record: script.recordTo !== undefined,
    })
    signal.addEventListener('abort', () => void seat.leave())
    try {
      await converse(seat, { script, story })
      story.ending = await end(seat, { livekit, script, story, signal })
    } finally {
      await seat.leave()
      // A call that nobody answered has no sound, and must not take the place of one that has.
      if (script.recordTo && story.saidMs > 0) await writeFile(script.recordTo, encodeWave(seat.recording()))
    }
  } catch (error) {
    story.ending = signal.aborted ? 'terminated' : 'failed'
    if (!signal.aborted) story.problem = error instanceof Error ? error.message : String(error)
  } finally {
    story.endedMs = Date.now()
  }
}

/** Waits for a true answer, talks, listens, and reports. Ends early when there is nobody left to talk to. */
async function converse(seat: RoomSeat, { script, story }: Pick<JobRun, 'script' | 'story'>): Promise<void> {
  if (!(await isAnswered(seat, { script, story }))) return
  const { talkMs = 1_000, listenMs = 0, toneHz = 440, reports = [], lastReport } = script
  await Promise.all([seat.say({ hz: toneHz, ms: talkMs }), ...reports.map((report) => reportCall(story, report))])
  await Promise.race([delay(listenMs), seat.alone])
  if (script.ending === 'stay') await seat.alone
  if (lastReport) await reportCall(story, lastReport())
}

/** An agent that comes to a room that is deleted meanwhile is alone in a new one of the same name: nobody will come. */
async function isAnswered(seat: RoomSeat, { script, story }: Pick<JobRun, 'script' | 'story'>): Promise<boolean> {
  const { patienceMs } = script
  if (patienceMs === undefined) return seat.answered
  const enough = delay(patienceMs, undefined, { ref: false })
  return Promise.race([seat.answered, enough.then(() => story.callStatuses.length > 0 && seat.answered)])
}

async function end(
  seat: RoomSeat,
  { livekit, script, story, signal }: Omit<JobRun, 'token'>,
): Promise<JobStory['ending']> {
  if (signal.aborted) return 'terminated'
  if (seat.isOver()) return 'room_gone'
  if (script.ending === 'leave') return 'left'
  // Out first: see media-leftovers.ts.
  await seat.leave()
  await new LiveKit(livekit).hangUp(story.job.roomName)
  return 'hung_up'
}
