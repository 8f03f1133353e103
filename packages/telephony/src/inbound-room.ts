/** Rooms of calls that came in begin with this; LiveKit adds the caller's number and something random. */
export const inboundRoomPrefix = 'inbound-'

/** Participants with such an identity are people of ours who talk from their browser. */
export const personIdentityPrefix = 'person-'

export function isInboundRoom(roomName: string | undefined): boolean {
  return roomName?.startsWith(inboundRoomPrefix) ?? false
}

/** Whether somebody of ours is there to talk: an agent, or a person with a token that was handed out here. */
export function isOurs(participant: { kind: string; identity: string }): boolean {
  const isPerson = participant.kind === 'STANDARD' && participant.identity.startsWith(personIdentityPrefix)
  return isPerson || participant.kind === 'AGENT'
}
