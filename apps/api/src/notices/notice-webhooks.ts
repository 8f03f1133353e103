import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { callStatuses, dispositions, outcomes } from '@outdial/policy/states'
import type { ApiEnv } from '../context.ts'

const moment = z.string().openapi({ format: 'date-time' })

const callData = z.looseObject({
  call_id: z.uuid(),
  campaign_id: z.uuid().nullable(),
  direction: z.enum(['outbound', 'inbound']),
  room_name: z.string(),
  assistant_id: z.uuid().nullable(),
  assistant_name: z.string().nullable(),
  to_number: z.string().nullable(),
  from_number: z.string().nullable(),
  status: z.enum(callStatuses),
  disposition: z.enum(dispositions).nullable(),
  outcome: z.enum(outcomes).nullable(),
  started_at: moment.nullable(),
  answered_at: moment.nullable(),
  ended_at: moment.nullable(),
  call_duration_minutes: z.number().openapi({ description: 'From the answer to the end.' }),
  metadata: z.record(z.string(), z.unknown()),
})

const endedCallData = callData.extend({
  recording_path: z.string().nullable().openapi({ description: 'In your storage, or the address its maker gave.' }),
  transcripts: z.array(z.looseObject({ speaker: z.enum(['agent', 'callee']), text: z.string(), timestamp: moment })),
  contact_name: z.string().nullable(),
  end_reason: z.string().nullable(),
  summary: z.string().nullable(),
  answers: z.record(z.string(), z.unknown()).nullable(),
  callback_at: moment.nullable(),
})

const campaignData = z.looseObject({
  campaign_id: z.uuid(),
  campaign_name: z.string().nullable(),
  execution_status: z.string(),
})
const failedCampaignData = campaignData.extend({ code: z.string(), reason: z.string() })

const endpointData = z.looseObject({
  endpoint_id: z.uuid(),
  assistant_id: z.uuid().nullable(),
  url: z.string(),
  reason: z.string(),
  last_error: z.string().nullable(),
})

const told = {
  'call.started': ['A call is about to be dialed', callData],
  'call.answered': ['Somebody picked up', callData],
  'call.outcome': ['A conversation came to something', callData],
  'call.ended': ['A call is over; recording and transcript are there, or late', endedCallData],
  'campaign.started': ['A campaign was started or resumed', campaignData],
  'campaign.paused': ['A campaign was paused', campaignData],
  'campaign.completed': ['Every contact of a campaign is finished', campaignData],
  'campaign.error': ['A campaign stopped for an error', failedCampaignData],
  'endpoint.switched_off': ['Another notice endpoint was switched off', endpointData],
  'notice.test': ['Somebody tried an endpoint out', z.looseObject({ endpoint_id: z.uuid() })],
} as const

const headers = z.object({
  'webhook-id': z.string().openapi({ description: 'Of the notice; the same in every try.' }),
  'webhook-timestamp': z.string().openapi({ description: 'When this try was sent, in seconds since 1970.' }),
  'webhook-signature': z.string().openapi({ description: '`v1,` and the signature as Standard Webhooks has it.' }),
})

/** Describes what endpoints are sent. */
export function describeNotices(app: OpenAPIHono<ApiEnv>): void {
  for (const [event, [summary, data]] of Object.entries(told)) {
    const body = z.object({
      success: z.literal(true),
      message: z.string().openapi({ description: 'For people.' }),
      type: z.literal(event),
      timestamp: moment,
      data,
    })
    app.openAPIRegistry.registerWebhook({
      method: 'post',
      path: event,
      tags: ['Notices'],
      operationId: `notice.${event}`,
      summary,
      request: { headers, body: { required: true, content: { 'application/json': { schema: body } } } },
      responses: { 200: { description: 'Taken: any 2xx, within five seconds. Anything else is tried again.' } },
    })
  }
}
