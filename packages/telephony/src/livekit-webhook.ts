import { createHash, timingSafeEqual } from 'node:crypto'
import type { Signal } from '@outdial/policy/signal'
import { errors, jwtVerify } from 'jose'
import { WebhookEvent } from 'livekit-server-sdk'
import { isTranscription, transcriptionSignals } from './transcription.ts'
import { signalsOf, summarise, type WebhookSummary } from './webhook-signals.ts'

export type LiveKitWebhook = {
  /** LiveKit's id of the event, the same in every repetition: the key to recognise repetitions by. */
  eventId: string
  /** `participant_left` and the like; names that LiveKit invents later come through too. */
  event: string
  roomName?: string
  /** LiveKit's time of the event, in whole seconds. */
  at: Date
  /** What it means for a call; nothing, for most events. */
  signals: Signal[]
  /** The part worth keeping, for the call's timeline. */
  summary: WebhookSummary
  /** All that was sent, for events whose details the summary does not know. */
  body: Record<string, unknown>
}

/** The request is not what LiveKit sends; answer it with `status`. LiveKit does not repeat after a 4xx. */
export class WebhookRefused extends Error {
  override readonly name = 'WebhookRefused'
  readonly status: 400 | 401

  constructor(status: 400 | 401, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Verifies one LiveKit webhook over its raw bytes and says what it means.
 * `now` is real time even where the domain's clock runs faster: it is held against the token's expiry.
 * Throws `WebhookRefused`: 401 unless LiveKit signed exactly this body, 400 if the body is no event.
 */
export async function receiveLiveKitWebhook(request: {
  rawBody: Uint8Array | string
  authorization: string | undefined
  apiKey: string
  apiSecret: string
  now: Date
}): Promise<LiveKitWebhook> {
  const bytes = Buffer.from(request.rawBody)
  const signed = await signedDigest(request)
  const actual = createHash('sha256').update(bytes).digest()
  if (signed.length !== actual.length || !timingSafeEqual(signed, actual)) {
    throw new WebhookRefused(401, 'The body is not the one LiveKit signed. Hand the raw bytes on unchanged.')
  }
  return readEvent(parseBody(bytes))
}

/** The SHA-256 of the body that the token vouches for. LiveKit sends the token bare; a leading Bearer is fine too. */
async function signedDigest(request: {
  authorization: string | undefined
  apiKey: string
  apiSecret: string
  now: Date
}): Promise<Buffer> {
  const { authorization, apiKey, apiSecret, now } = request
  if (!apiKey || !apiSecret) throw new Error('Set LIVEKIT_API_KEY and LIVEKIT_API_SECRET to receive LiveKit webhooks.')
  const token = authorization?.replace(/^Bearer\s+/i, '').trim()
  if (!token) throw new WebhookRefused(401, 'The Authorization header with LiveKit’s token is missing.')
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(apiSecret), {
      algorithms: ['HS256'],
      issuer: apiKey,
      requiredClaims: ['exp'],
      currentDate: now,
      clockTolerance: 10,
    })
    return Buffer.from(typeof payload.sha256 === 'string' ? payload.sha256 : '', 'base64')
  } catch (error) {
    throw new WebhookRefused(401, whyRefused(error))
  }
}

function whyRefused(error: unknown): string {
  if (error instanceof errors.JWTExpired) {
    return 'The token has expired. If this keeps happening, compare the clocks of LiveKit and of this machine.'
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return 'The token is signed with another secret. Set LIVEKIT_API_SECRET to the one LiveKit’s webhooks use.'
  }
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'iss') {
    return 'The token is from another API key. Set LIVEKIT_API_KEY to the one LiveKit’s webhooks use.'
  }
  return `The token is not valid: ${error instanceof Error ? error.message : 'unknown error'}.`
}

/** What JSON.parse returns for an object, by the SDK's name. */
type JsonObject = Extract<Parameters<typeof WebhookEvent.fromJson>[0], { [key: string]: unknown }>

function parseBody(bytes: Buffer): JsonObject {
  let body: JsonObject | null
  try {
    body = JSON.parse(bytes.toString('utf8')) as JsonObject | null
  } catch {
    throw new WebhookRefused(400, 'The body is not JSON. Send LiveKit’s webhook as it is.')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new WebhookRefused(400, 'The body is not a JSON object. Send LiveKit’s webhook as it is.')
  }
  return body
}

function readEvent(body: JsonObject): LiveKitWebhook {
  const event = parseEvent(body)
  const summary = summarise(event)
  const at = new Date(Number(event.createdAt) * 1000)
  const roomName = summary.room?.name ?? summary.egress?.roomName
  return {
    eventId: event.id,
    event: event.event,
    ...(roomName && { roomName }),
    at,
    signals: isTranscription(event.event)
      ? saidIn(event, body)
      : signalsOf({ event: event.event, at, roomName, ...summary }),
    summary,
    body,
  }
}

function saidIn(event: WebhookEvent, body: JsonObject): Signal[] {
  const { event: name, id, createdAt } = event
  const signals = transcriptionSignals({ event: name, eventId: id, at: new Date(Number(createdAt) * 1000), body })
  if (signals.length > 0) return signals
  throw new WebhookRefused(400, 'The transcription has no text. Send transcription.segments, or a speaker and a text.')
}

function parseEvent(body: JsonObject): WebhookEvent {
  let event: WebhookEvent
  try {
    event = WebhookEvent.fromJson(body, { ignoreUnknownFields: true })
  } catch (error) {
    throw new WebhookRefused(400, `The body is not a LiveKit event: ${error instanceof Error ? error.message : ''}`)
  }
  const missing = (['event', 'id', 'createdAt'] as const).find((field) => !event[field])
  if (missing) throw new WebhookRefused(400, `The LiveKit event has no ${missing}.`)
  return event
}
