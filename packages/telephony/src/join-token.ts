import { AccessToken } from 'livekit-server-sdk'

export type JoinRequest = {
  roomName: string
  /** One participant of a room; a second one with the same identity pushes the first one out. */
  identity: string
  /** Shown to others in the room. */
  name?: string
  /** Real time; enough to join, whoever is in the room stays. */
  validForMs: number
}

/** A token with which a browser joins this one room, to speak and to listen and nothing else. */
export async function joinToken(
  keys: { apiKey: string; apiSecret: string },
  { roomName, identity, name, validForMs }: JoinRequest,
): Promise<string> {
  const ttl = Math.ceil(validForMs / 1_000)
  const token = new AccessToken(keys.apiKey, keys.apiSecret, { identity, ttl, ...(name ? { name } : {}) })
  token.addGrant({
    roomJoin: true,
    room: roomName,
    canPublish: true,
    canSubscribe: true,
    canPublishData: true,
    canUpdateOwnMetadata: false,
  })
  return token.toJwt()
}
