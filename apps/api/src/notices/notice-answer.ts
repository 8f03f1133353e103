import { z } from '@hono/zod-openapi'
import { deliveryStatuses, loggedEvents, noticeStatuses } from '@outdial/dialing/notices/notices'

const delivery = z.object({
  id: z.uuid(),
  endpointId: z.uuid(),
  url: z.string(),
  status: z.enum(deliveryStatuses),
  tries: z.int(),
  nextTryAt: z.date().nullable().openapi({ description: 'Null when nothing more will be tried.' }),
  lastStatus: z.int().nullable().openapi({ description: 'The HTTP status of the last try; null when none came.' }),
  lastError: z.string().nullable().openapi({ description: 'Why the last try does not count, for people.' }),
  deliveredAt: z.date().nullable(),
})

const deliveryTry = z.object({
  at: z.string().openapi({ format: 'date-time' }),
  status: z.int().nullable(),
  error: z.string().nullable(),
  durationMs: z.int(),
})

const notice = z.object({
  id: z.uuid().openapi({ description: 'The `webhook-id` of every try.' }),
  event: z.enum(loggedEvents),
  status: z.enum(noticeStatuses).openapi({
    description: '`sending` while an endpoint may still get it, `failed` when one did not get it, else `delivered`.',
  }),
  callId: z.uuid().nullable(),
  campaignId: z.uuid().nullable(),
  createdAt: z.date(),
})

export const noticeAnswer = notice.extend({ deliveries: z.array(delivery) }).openapi('Notice')

export const noticeInFullAnswer = notice
  .extend({
    deliveries: z.array(
      delivery.extend({ log: z.array(deliveryTry).openapi({ description: 'The last 30 tries, oldest first.' }) }),
    ),
    payload: z
      .object({
        success: z.literal(true),
        message: z.string(),
        type: z.string(),
        timestamp: z.string().openapi({ format: 'date-time' }),
        data: z.record(z.string(), z.unknown()),
      })
      .openapi({ description: 'The body as it would be sent now.' }),
  })
  .openapi('NoticeInFull')
