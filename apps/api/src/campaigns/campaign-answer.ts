import { z } from '@hono/zod-openapi'
import { campaignFields } from '@outdial/dialing/campaigns/campaign-settings'
import { campaignStatuses } from '@outdial/policy/states'

/** A campaign as the API shows it: what people set, and where it stands. */
export const campaignAnswer = z
  .object({
    id: z.uuid(),
    ...campaignFields,
    executionStatus: z.enum(campaignStatuses),
    errorCode: z.string().nullable(),
    errorReason: z.string().nullable().openapi({ description: 'Why it is in error, and what to do, for people.' }),
    startedAt: z.date().nullable(),
    pausedAt: z.date().nullable(),
    stoppedAt: z.date().nullable().openapi({ description: 'Set when it was stopped; the status is then `idle`.' }),
    completedAt: z.date().nullable(),
    createdAt: z.date(),
    updatedAt: z.date(),
  })
  .openapi('Campaign')
