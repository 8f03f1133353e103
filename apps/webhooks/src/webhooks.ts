import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { agentReportRoute } from './agent-report.ts'
import { livekitRoute } from './livekit.ts'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'

/** LiveKit's own limit for what it sends is below this. */
const bodyBytesMax = 10 * 1024 * 1024

/** What the outside says about calls: verified, stored once, answered; applying it is a separate step. */
export function createWebhooks(options: WebhooksOptions): Hono {
  const app = new Hono()
  const limited = bodyLimit({
    maxSize: bodyBytesMax,
    onError: () => problem(413, { code: 'body_too_large', detail: 'Send at most 10 MB.' }),
  })
  app.post('/api/livekit/webhook', limited, livekitRoute(options))
  app.post('/api/agent/calls/:callId/report', limited, agentReportRoute(options))
  app.notFound(() => problem(404, { code: 'not_found', detail: 'There is nothing here. See /docs of the API.' }))
  app.onError((error) => {
    options.deps.log.error({ err: error }, 'a webhook could not be stored; its sender will repeat it')
    return problem(500, { code: 'internal_error', detail: 'It could not be stored. Send it again.' })
  })
  return app
}
