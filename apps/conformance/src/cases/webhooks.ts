import { createHash } from 'node:crypto'
import { receiveLiveKitWebhook } from '@outdial/telephony/livekit-webhook'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { type Case, defineCase } from './case.ts'

const signature = defineCase({
  name: 'webhook-signature',
  title: 'How a webhook is signed; what is refused',
  async run(stage) {
    const name = stage.newRoom()
    await stage.target.livekit.createRoom({
      ...{ roomName: name, metadata: 'ö', agent: null, emptyTimeoutMs: 30_000 },
      ...{ departureTimeoutMs: 2_000, maxParticipants: 1 },
    })
    await stage.target.livekit.hangUp(name)
    const { headers, rawBody } = await stage.webhook(name, 'room_started')
    const token = headers.authorization ?? ''
    const claims = decodeJwt(token)
    const digest = createHash('sha256').update(rawBody).digest('base64')
    const changed = Buffer.from(rawBody.toString().replace('room_started', 'room_finished'))
    const apiKey = String(claims.iss)
    const verify = (rawBytes: Buffer, apiSecret: string) =>
      receiveLiveKitWebhook({ rawBody: rawBytes, authorization: token, apiKey, apiSecret, now: new Date() }).then(
        () => 'accepted',
        (error: unknown) => (error instanceof Error ? error.message : 'refused'),
      )
    stage.rely('the digest is that of the raw body', claims.sha256 === digest)
    stage.rely('another secret is refused', (await verify(rawBody, 'another')) !== 'accepted')
    return {
      contentType: headers['content-type'] ?? '',
      userAgent: headers['user-agent'] ?? '',
      hasBearer: token.startsWith('Bearer'),
      algorithm: decodeProtectedHeader(token).alg ?? '',
      claims: Object.keys(claims)
        .filter((claim) => !['exp', 'iss', 'sha256'].includes(claim))
        .toSorted(),
      expiresInS: Math.round(((claims.exp ?? 0) * 1000 - Date.now()) / 60_000) * 60,
      changedBody: await verify(changed, 'another'),
    }
  },
  tell: ({ algorithm, hasBearer }) => `${algorithm}, ${hasBearer ? 'with' : 'without'} Bearer, digest of the raw body`,
})

const repeated = defineCase({
  name: 'webhook-repeated',
  title: 'The receiver answers 500, 429, 404, 501: what is sent again',
  async run(stage) {
    const counts: Record<string, number> = {}
    const { inbox, livekit } = stage.target
    const rooms = [500, 429, 404, 501].map((status) => ({ status, name: stage.newRoom() }))
    for (const { status, name } of rooms) {
      inbox.answerNext(name, [status])
      await livekit.createRoom({
        ...{ roomName: name, metadata: '', agent: null, emptyTimeoutMs: 30_000, departureTimeoutMs: 2_000 },
        maxParticipants: 1,
      })
      await livekit.hangUp(name)
    }
    for (const { name } of rooms) await stage.webhook(name, 'room_finished')
    for (const { status, name } of rooms) {
      const sent = inbox.of(name).filter(({ event }) => event === 'room_started')
      counts[status] = sent.length
      stage.rely('a repetition has the same id', new Set(sent.map(({ eventId }) => eventId)).size === 1)
      const last = inbox.of(name).at(-1)?.event
      stage.rely('what comes later waits for the repetition', last === 'room_finished')
    }
    return { timesSent: counts }
  },
  tell: ({ timesSent }) =>
    Object.entries(timesSent)
      .map(([status, times]) => `${status}: ${times} times`)
      .join(', '),
})

export const webhookCases: Case[] = [signature, repeated]
