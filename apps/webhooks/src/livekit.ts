import { sendLateAgentAway } from '@outdial/dialing/calls/late-agent'
import { type InboundLeg, receiveInboundCall } from '@outdial/dialing/calls/receive-inbound-call'
import { hearSignal, type SignalEvent } from '@outdial/dialing/calls/record-signal'
import { isInboundRoom } from '@outdial/telephony/inbound-room'
import { type LiveKitWebhook, receiveLiveKitWebhook, WebhookRefused } from '@outdial/telephony/livekit-webhook'
import type { Handler } from 'hono'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'

/** LiveKit's events. Answers 2xx once the event is committed, and for events that concern no call of ours. */
export function livekitRoute({ deps, clock, livekit }: WebhooksOptions): Handler {
  return async (c) => {
    const rawBody = new Uint8Array(await c.req.arrayBuffer())
    const authorization = c.req.header('authorization')
    const received = await receiveLiveKitWebhook({ rawBody, authorization, ...livekit, now: clock.realNow() }).catch(
      refusal,
    )
    if (received instanceof WebhookRefused) {
      return problem(received.status, { code: 'webhook_refused', detail: received.message })
    }
    if (!received.roomName || received.signals.length === 0) return c.json({ status: 'ignored' })
    const heard: Omit<SignalEvent, 'receivedAt'> = {
      ...{ source: 'livekit', eventId: received.eventId, event: received.event },
      ...{ about: { roomName: received.roomName }, content: received.signals },
    }
    const status = await hearSignal(deps, { ...heard, receivedAt: clock.now() })
    await sendLateAgentAway(deps, { roomName: received.roomName, signals: received.signals })
    if (status !== 'not_ours' || !isInboundRoom(received.roomName)) return c.json({ status })
    const leg = inboundLegOf(received)
    const isOurs = leg !== null && (await receiveInboundCall(deps, leg, clock.now()))
    return c.json({ status: isOurs ? await hearSignal(deps, { ...heard, receivedAt: clock.now() }) : status })
  }
}

/** Every event of the caller's leg tells all that is needed to make the call, also when an earlier one got lost. */
function inboundLegOf({ roomName, at, summary }: LiveKitWebhook): InboundLeg | null {
  const { participant } = summary
  if (!roomName || participant?.kind !== 'SIP') return null
  const joinedAt = participant.joinedAtMs > 0 ? new Date(participant.joinedAtMs) : at
  return { roomName, sip: participant.sip, joinedAt }
}

function refusal(error: unknown): WebhookRefused {
  if (error instanceof WebhookRefused) return error
  throw error
}
