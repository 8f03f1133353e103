import { hearSignal } from '@outdial/dialing/calls/record-signal'
import { receiveLiveKitWebhook, WebhookRefused } from '@outdial/telephony/livekit-webhook'
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
    const status = await hearSignal(deps, {
      ...{ source: 'livekit', eventId: received.eventId, event: received.event },
      ...{ about: { roomName: received.roomName }, content: received.signals, receivedAt: clock.now() },
    })
    return c.json({ status })
  }
}

function refusal(error: unknown): WebhookRefused {
  if (error instanceof WebhookRefused) return error
  throw error
}
