import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { briefContact } from '@outdial/dialing/campaigns/brief-contact'
import {
  campaignAnswerFilters,
  campaignAnswersAsCsv,
  listCampaignAnswers,
} from '@outdial/dialing/campaigns/campaign-answers'
import { outcomes } from '@outdial/policy/states'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, pageOf, pageQuery, problems, security } from '../http/route-parts.ts'
import { sendCsv, wantsCsv } from '../http/send-csv.ts'

const answeredCall = z
  .object({
    id: z.uuid().openapi({ description: 'Of the call.' }),
    contactId: z.uuid().nullable(),
    externalId: z.string().nullable(),
    contactName: z.string().nullable(),
    phoneNumber: z.string(),
    answeredAt: z.date().nullable(),
    outcome: z.enum(outcomes).nullable(),
    summary: z.string().nullable(),
    answers: z.array(z.string().nullable()).openapi({ description: 'In the order of `questions`.' }),
    otherAnswers: z
      .record(z.string(), z.string())
      .openapi({ description: "Answers to none of these questions, by the agent's own names." }),
  })
  .openapi('AnsweredCall')

const answersAnswer = pageOf(answeredCall).extend({
  questions: z.array(z.string()).openapi({ description: 'As the campaign asks them now, placeholders unfilled.' }),
})

const briefingAnswer = z
  .object({
    prompt: z.string(),
    greeting: z.string(),
    aiDisclosure: z.string(),
    questions: z.array(z.string()),
    voicemailMessage: z.string(),
    missing: z
      .array(z.object({ placeholder: z.string(), default: z.string().nullable() }))
      .openapi({ description: 'Placeholders that this contact has nothing for, and what stands in.' }),
    variables: z.record(z.string(), z.string()),
  })
  .openapi('ContactBriefing')

const about = { tags: ['Campaigns'], security }
const format = z.enum(['json', 'csv']).optional()

const answers = createRoute({
  method: 'get',
  path: '/campaigns/{id}/answers',
  ...about,
  operationId: 'listCampaignAnswers',
  summary: 'Read what people answered to the questions of a campaign, as a table',
  description:
    'One row per call in which something was answered, newest first. With `format=csv` or `Accept: text/csv` all of ' +
    'it, a column per question, safe to open in a spreadsheet.',
  request: { params: idPath, query: pageQuery.extend({ ...campaignAnswerFilters.shape, format }) },
  responses: {
    200: {
      description: 'One page of answers; or all of them as CSV.',
      content: { 'application/json': { schema: answersAnswer }, 'text/csv': { schema: z.string() } },
    },
    ...problems(404),
  },
})

const briefing = createRoute({
  method: 'get',
  path: '/campaigns/{id}/contacts/{contactId}/briefing',
  ...about,
  operationId: 'readContactBriefing',
  summary: 'Read what the agent would be told about a contact, with every placeholder filled',
  request: { params: idPath.extend({ contactId: z.uuid() }) },
  responses: { 200: jsonAnswer('Prompt, greeting and questions.', briefingAnswer), ...problems(404) },
})

/** What is asked in a campaign, and what is answered. */
export function campaignAnswerRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(answers, async (c) => {
    const { id: campaignId } = c.req.valid('param')
    const { format, limit, cursor, ...filters } = c.req.valid('query')
    if (!wantsCsv(c, format)) {
      return c.json(await listCampaignAnswers(deps, c.var.who, { limit, cursor, ...filters, campaignId }), 200)
    }
    const lines = campaignAnswersAsCsv(deps, c.var.who, { ...filters, campaignId })
    return sendCsv(c, { lines, fileName: 'answers.csv' })
  })
  app.openapi(briefing, async (c) => {
    const { id: campaignId, contactId } = c.req.valid('param')
    return c.json(await briefContact(deps, c.var.who, { campaignId, contactId }), 200)
  })
  return app
}
