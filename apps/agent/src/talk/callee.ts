import { type JobContext, waitForParticipantAttribute } from '@livekit/agents'
import { ParticipantKind, type RemoteParticipant } from '@livekit/rtc-node'

/**
 * Waits for the person on the other side to have picked up. Somebody who is called is in the room while it still rings,
 * and so is a caller until LiveKit has picked up for us; `sip.callStatus` tells (livekit/protocol, attrs.go). People who
 * come from a browser are there when they are there. Resolves to false if they leave before.
 */
export async function hasAnswered({ room }: Pick<JobContext, 'room'>, callee: RemoteParticipant): Promise<boolean> {
  if (callee.kind !== ParticipantKind.SIP) return true
  try {
    const { identity } = callee
    await waitForParticipantAttribute({ room, identity, attribute: 'sip.callStatus', value: 'active' })
    return true
  } catch {
    return false
  }
}
