import type { LedgerCall } from '@outdial/judge/evidence'
import type { PhoneCall } from '../phone/phone-calls.ts'
import type { JobStory } from '../worker/script.ts'
import { callIdHeader } from './predial-address.ts'
import type { Labels } from './single-calls.ts'

/** By how much a ring may be shorter than the timeout that ended it. */
const ringTimeoutSlackMs = 1_500

/** What the telephone logged, and what the agents did, as the judge reads it. */
export function toLedger(
  calls: PhoneCall[],
  terms: { stories: JobStory[]; trunkId: string; ringTimeoutMs: number; labels: Labels },
): LedgerCall[] {
  const { stories, trunkId, ringTimeoutMs, labels } = terms
  const storyOf = new Map(stories.map((story) => [story.job.roomName, story]))
  return calls.map((call) => {
    const code = call.headers[callIdHeader] ?? call.callId
    const roomName = `call-${labels.get(code) ?? code}`
    const story = storyOf.get(roomName)
    const { sipCallId, to, invited, ringing, answered, ended, ending, sipStatus } = call
    const outcome = story?.reported.findLast(({ report }) => report.outcome)?.report.outcome
    return {
      ...{ sipCallId, roomName, to, trunkId, invited },
      ...(ringing && { ringing }),
      ...(answered && { answered }),
      ...(story?.joinedMs && { agentJoined: momentOf(story.joinedMs) }),
      ...(ended && { ended }),
      ...(ending && { ending }),
      ...(call.hungUpBy && { hungUpBy: whoHungUp(call, { story, ringTimeoutMs }) }),
      ...(sipStatus && { sipStatus }),
      ...(outcome && { outcome }),
    }
  })
}

/** To a telephone every end from outside looks the same. */
function whoHungUp(
  { hungUpBy, ending, invited, ended }: PhoneCall,
  { story, ringTimeoutMs }: { story: JobStory | undefined; ringTimeoutMs: number },
): string {
  if (hungUpBy !== 'livekit') return hungUpBy ?? ''
  const rangMs = (ended?.realMs ?? 0) - invited.realMs
  if (ending === 'canceled') return rangMs >= ringTimeoutMs - ringTimeoutSlackMs ? 'ringing_timeout' : 'api'
  return story?.ending === 'hung_up' ? 'agent' : 'api'
}

function momentOf(realMs: number): LedgerCall['invited'] {
  return { at: new Date(realMs).toISOString(), realMs }
}
