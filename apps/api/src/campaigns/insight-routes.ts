import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { readCampaignStats } from '@outdial/dialing/campaigns/campaign-stats'
import { readCampaignStatus } from '@outdial/dialing/campaigns/campaign-status'
import { previewCampaign } from '@outdial/dialing/campaigns/preview-campaign'
import { callStatuses, campaignStatuses, dispositions, finishReasons, outcomes } from '@outdial/policy/states'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, problems, security } from '../http/route-parts.ts'

const number = z.number()
const whole = z.int()
const warning = z.object({ code: z.string(), field: z.string().nullable(), message: z.string() })

const statusAnswer = z
  .object({
    id: z.uuid(),
    executionStatus: z.enum(campaignStatuses),
    contacts: z
      .object({ total: whole, waiting: whole, claimed: whole, finished: whole })
      .openapi({ description: 'waiting + claimed + finished is always the total.' }),
    calls: z
      .object({ total: whole, pending: whole, calling: whole, answered: whole, completed: whole, failed: whole })
      .openapi({ description: 'The states always add up to the total.' }),
    today: z
      .object({ day: z.iso.date(), dialed: whole, dailyCap: whole.nullable(), left: whole.nullable() })
      .openapi({ description: 'The use of the daily cap on the present day of the campaign.' }),
    window: z
      .object({
        isOpen: z.boolean(),
        closesAt: z.date().nullable(),
        nextOpening: z.date().nullable(),
        closedByLaw: z
          .array(z.string())
          .openapi({ description: "Rules of the law that are closed while the campaign's own hours are open." }),
      })
      .openapi({ description: 'Open when it is for any zone that contacts live in.' }),
    notCalling: z
      .object({ code: z.string(), reason: z.string(), until: z.date().nullable() })
      .nullable()
      .openapi({ description: 'Why it starts no calls right now; null when it does.' }),
    warnings: z
      .array(warning)
      .openapi({ description: 'Such as calls at hours that the law of a place does not allow, where it only warns.' }),
  })
  .openapi('CampaignStanding')

const previewAnswer = z
  .object({
    contacts: z.object({
      total: whole,
      callable: whole,
      suppressed: whole,
      finished: whole.openapi({ description: 'Done in an earlier run of the campaign.' }),
      invalid: whole.openapi({ description: 'Rows of its CSV files that were no valid contacts.' }),
      unreachable: whole.openapi({
        description: 'The hours never open where they live, or their zone is not known and such contacts are skipped.',
      }),
      unknownTimezone: whole.openapi({ description: 'Whose time zone is not known; part of those above.' }),
    }),
    zones: z.array(
      z.object({
        zones: z
          .array(z.string())
          .openapi({ description: 'Several where the number leaves a choice; none if unknown.' }),
        rules: z.array(z.string()).openapi({
          description: 'Codes of the calling-hour rules of the law there: FR; US-FL with those of the US.',
        }),
        law: z.array(z.string()).openapi({ description: 'These rules in words. A help and no legal advice.' }),
        contacts: whole,
        isOpen: z.boolean(),
        nextOpening: z.date().nullable(),
        beyondLawAt: z.date().nullable().openapi({
          description: "When the campaign's own hours are open next and the law's are not, within two weeks.",
        }),
      }),
    ),
    trunk: z.object({ id: z.uuid(), name: z.string() }).nullable(),
    unfilled: z
      .array(
        z.object({
          placeholder: z.string(),
          contacts: whole,
          examined: whole,
          default: z.string().nullable(),
        }),
      )
      .openapi({ description: 'Placeholders of the prompts that some contacts have nothing for.' }),
    estimate: z
      .object({
        startsAt: z.date().nullable(),
        finishesAt: z.date().nullable(),
        callsPerSecond: number,
        assumedCallSeconds: number,
      })
      .openapi({ description: 'One call to everybody, without retries and without other campaigns on the trunk.' }),
    warnings: z.array(warning),
  })
  .openapi('CampaignPreview')

const statsAnswer = z
  .object({
    calls: z.object({
      total: whole,
      byStatus: z.record(z.enum(callStatuses), whole),
      byDisposition: z.record(z.enum(dispositions), whole),
      byOutcome: z.record(z.enum(outcomes), whole),
    }),
    finishedContacts: z.object({ total: whole, byReason: z.record(z.enum(finishReasons), whole) }),
    reached: z.object({
      answered: whole,
      answerRate: number.nullable().openapi({ description: 'Of the calls that have ended, 0 to 1.' }),
      talkSeconds: number,
      averageTalkSeconds: number.nullable(),
    }),
    firstCallAt: z.date().nullable(),
    lastCallAt: z.date().nullable(),
    days: z.array(z.object({ day: z.iso.date(), dialed: whole, answered: whole })),
  })
  .openapi('CampaignStats')

const status = createRoute({
  method: 'get',
  path: '/campaigns/{id}/status',
  tags: ['Campaigns'],
  security,
  operationId: 'readCampaignStatus',
  summary: 'Read where a campaign stands, and why it is not calling right now',
  request: { params: idPath },
  responses: { 200: jsonAnswer('Where it stands.', statusAnswer), ...problems(404) },
})

const preview = createRoute({
  method: 'post',
  path: '/campaigns/{id}/preview',
  tags: ['Campaigns'],
  security,
  operationId: 'previewCampaign',
  summary: 'See what a campaign would do if it were started now',
  request: { params: idPath },
  responses: { 200: jsonAnswer('What it would do.', previewAnswer), ...problems(404) },
})

const stats = createRoute({
  method: 'get',
  path: '/outbound-calls/campaign/{id}/stats',
  tags: ['Campaigns'],
  security,
  operationId: 'readCampaignStats',
  summary: 'Read what came of a campaign so far',
  request: { params: idPath },
  responses: { 200: jsonAnswer('Its statistics.', statsAnswer), ...problems(404) },
})

/** What campaigns would do, do, and did. */
export function campaignInsightRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(status, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readCampaignStatus(deps, c.var.who, { campaignId: id }), 200)
  })
  app.openapi(preview, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await previewCampaign(deps, c.var.who, { campaignId: id }), 200)
  })
  app.openapi(stats, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readCampaignStats(deps, c.var.who, { campaignId: id }), 200)
  })
  return app
}
