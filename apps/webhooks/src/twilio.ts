import { hearProvider } from '@outdial/dialing/calls/hear-provider'
import { readTwilioRecording, twilioRecordingForm } from '@outdial/telephony/twilio-recording'
import { readTwilioStatus, twilioStatusForm } from '@outdial/telephony/twilio-status'
import { dialableRoomName, dialRoomTwiml } from '@outdial/telephony/twiml'
import type { Handler } from 'hono'
import { z } from 'zod'
import type { WebhooksOptions } from './options.ts'
import { problem } from './problem.ts'
import { readTwilioRequest } from './twilio-request.ts'

export const twilioStatusPath = '/api/v1/outbound-calls/status-callback'

/** What Twilio tells of a call's progress. Answers once it is stored; Twilio may tell it in any order and twice. */
export function twilioStatusRoute({ deps, clock, providers }: WebhooksOptions): Handler {
  return async (c) => {
    const form = await readTwilioRequest(c, { deps, providers, schema: twilioStatusForm })
    if (form instanceof Response) return form
    const receivedAt = clock.now()
    const { signals: content, ...event } = readTwilioStatus(form, receivedAt)
    if (content.length === 0) return c.json({ status: 'ignored' })
    const status = await hearProvider(deps, { source: 'twilio', ...event, to: form.To, content, receivedAt })
    return c.json({ status })
  }
}

/** What Twilio tells of a recording that it makes. */
export function twilioRecordingRoute({ deps, clock, providers }: WebhooksOptions): Handler {
  return async (c) => {
    const form = await readTwilioRequest(c, { deps, providers, schema: twilioRecordingForm })
    if (form instanceof Response) return form
    const receivedAt = clock.now()
    const { signals: content, ...event } = readTwilioRecording(form, receivedAt)
    if (content.length === 0) return c.json({ status: 'ignored' })
    return c.json({ status: await hearProvider(deps, { source: 'twilio', ...event, content, receivedAt }) })
  }
}

const voiceForm = z.looseObject({ CallSid: z.string().regex(/^\w{1,64}$/, 'must be a SID of Twilio’s') })

/** TwiML for a caller at Twilio: it is put through to a room of LiveKit's. */
export function twilioRoomRoute({ deps, providers }: WebhooksOptions): Handler {
  return async (c) => {
    const form = await readTwilioRequest(c, { deps, providers, schema: voiceForm })
    if (form instanceof Response) return form
    const sip = providers?.livekitSip
    if (!sip) {
      const detail = 'Set LIVEKIT_SIP_URI for the webhooks role, to the SIP address of the LiveKit project.'
      return problem(503, { code: 'not_configured', detail })
    }
    const roomName = c.req.param('roomName') ?? ''
    if (!dialableRoomName.test(roomName)) {
      const message = 'must have 1 to 128 letters, digits and .~+-_ only'
      const errors = [{ field: 'roomName', code: 'invalid_format', message }]
      return problem(400, { code: 'invalid_input', detail: 'A SIP address cannot hold this room name.', errors })
    }
    const twiml = dialRoomTwiml({
      ...{ roomName, sip },
      headers: { 'X-Room-Name': roomName, 'X-Call-Sid': form.CallSid },
      statusCallbackUrl: `${deps.agentReports.baseUrl}${twilioStatusPath}`,
    })
    return c.body(twiml, 200, { 'content-type': 'text/xml; charset=utf-8' })
  }
}
