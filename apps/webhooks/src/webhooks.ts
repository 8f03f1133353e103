import { Hono, type MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { agentConfigRoute } from './agent-config.ts'
import { agentReportRoute } from './agent-report.ts'
import { agentTranscriptRoute } from './agent-transcript.ts'
import { agentTransferRoute } from './agent-transfer.ts'
import { exotelStatusRoute } from './exotel.ts'
import { livekitRoute } from './livekit.ts'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { twilioRecordingRoute, twilioRoomRoute, twilioStatusPath, twilioStatusRoute } from './twilio.ts'

/** LiveKit's own limit for what it sends is below this. */
const bodyBytesMax = 10 * 1024 * 1024
/** Providers send forms of a few hundred bytes. */
const formBytesMax = 64 * 1024

/** What the outside says about calls: verified, stored once, answered; applying it is a separate step. */
export function createWebhooks(options: WebhooksOptions): Hono {
  const app = new Hono()
  const limited = limitBody(bodyBytesMax)
  const form = limitBody(formBytesMax)
  app.post('/api/livekit/webhook', limited, livekitRoute(options))
  app.get('/api/livekit/agent-config', agentConfigRoute(options))
  app.post('/api/agent/calls/:callId/report', limited, agentReportRoute(options))
  app.post('/api/agent/calls/:callId/transcript', limited, agentTranscriptRoute(options))
  app.post('/api/agent/calls/:callId/transfer', form, agentTransferRoute(options))
  app.post(twilioStatusPath, form, twilioStatusRoute(options))
  app.post('/api/v1/recording/status', form, twilioRecordingRoute(options))
  app.post('/api/v1/livekit/room/:roomName', form, twilioRoomRoute(options))
  app.post('/api/exotel/:secret/status', form, exotelStatusRoute(options))
  app.notFound(() => problem(404, { code: 'not_found', detail: 'There is nothing here. See /docs of the API.' }))
  app.onError((error) => {
    options.deps.log.error({ err: error }, 'a webhook could not be stored; its sender will repeat it')
    return problem(500, { code: 'internal_error', detail: 'It could not be stored. Send it again.' })
  })
  return app
}

function limitBody(maxSize: number): MiddlewareHandler {
  const detail = `Send at most ${maxSize / 1_024} KB.`
  return bodyLimit({ maxSize, onError: () => problem(413, { code: 'body_too_large', detail }) })
}
