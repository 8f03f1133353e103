import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { campaignContactFilters, listCampaignContacts } from '@outdial/dialing/campaigns/campaign-contacts'
import { listCampaignLog, listCampaignLogInput } from '@outdial/dialing/campaigns/campaign-log'
import { contactResultsAsCsv } from '@outdial/dialing/campaigns/contact-results'
import { readCampaignContact } from '@outdial/dialing/campaigns/explain-contact'
import { finishReasons } from '@outdial/policy/states'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, pageOf, pageQuery, problems, security } from '../http/route-parts.ts'
import { sendCsv, wantsCsv } from '../http/send-csv.ts'

const contactAnswer = z
  .object({
    id: z.uuid(),
    phoneNumber: z.string(),
    name: z.string().nullable(),
    externalId: z.string().nullable(),
    zones: z
      .array(z.string())
      .openapi({ description: 'Time zones: several where the number leaves a choice; none if unknown.' }),
    state: campaignContactFilters.shape.state.unwrap(),
    attempts: z.int().openapi({ description: 'Calls that count.' }),
    dueAt: z.date().nullable().openapi({ description: 'Null before the campaign has taken the contact over.' }),
    finishReason: z.enum(finishReasons).nullable(),
  })
  .openapi('CampaignContact')

const logEntryAnswer = z
  .object({
    id: z.string(),
    at: z.date().openapi({ description: 'When it was decided, by the clock of the dialer.' }),
    recordedAt: z.date().openapi({ description: 'When it was written down, by the clock of the database.' }),
    kind: z.string(),
    campaignId: z.uuid().nullable(),
    contactId: z.uuid().nullable(),
    callId: z.uuid().nullable(),
    trunkId: z.uuid().nullable(),
    details: z.record(z.string(), z.unknown()),
  })
  .openapi('LogEntry')

const contactInFullAnswer = contactAnswer
  .extend({
    why: z
      .object({ code: z.string(), reason: z.string(), until: z.date().nullable() })
      .openapi({ description: 'Why this person is not being called right now, or not any more; or that they are.' }),
    log: z.array(logEntryAnswer).openapi({
      description: 'What was decided about them, oldest first, with what happened to campaign, trunk and number.',
    }),
  })
  .openapi('CampaignContactInFull')

const about = { tags: ['Campaigns'], security }

const list = createRoute({
  method: 'get',
  path: '/campaigns/{id}/contacts',
  ...about,
  operationId: 'listCampaignContacts',
  summary: 'List the contacts of a campaign and where each stands',
  description:
    'With `format=csv` or `Accept: text/csv` all that match, each with its latest call and its own columns, safe to ' +
    'open in a spreadsheet.',
  request: {
    params: idPath,
    query: pageQuery.extend({ ...campaignContactFilters.shape, format: z.enum(['json', 'csv']).optional() }),
  },
  responses: {
    200: {
      description: 'One page of contacts, oldest first; or all of them as CSV.',
      content: { 'application/json': { schema: pageOf(contactAnswer) }, 'text/csv': { schema: z.string() } },
    },
    ...problems(404),
  },
})

const read = createRoute({
  method: 'get',
  path: '/campaigns/{id}/contacts/{contactId}',
  ...about,
  operationId: 'readCampaignContact',
  summary: 'Read why a person is or is not called, and everything that was decided about them',
  request: { params: idPath.extend({ contactId: z.uuid() }) },
  responses: { 200: jsonAnswer('The contact with its log.', contactInFullAnswer), ...problems(404) },
})

const log = createRoute({
  method: 'get',
  path: '/campaigns/{id}/log',
  ...about,
  operationId: 'listCampaignLog',
  summary: 'List what was decided about a campaign, newest first',
  description: 'Its settings whenever they changed, starts and stops, why it waited, and what slowed its trunk down.',
  request: { params: idPath, query: pageQuery.extend({ cursor: listCampaignLogInput.shape.cursor }) },
  responses: { 200: jsonAnswer('One page of the log.', pageOf(logEntryAnswer)), ...problems(404) },
})

/** Who is called by a campaign, who is not, and why. */
export function campaignContactRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => {
    const { id: campaignId } = c.req.valid('param')
    const { format, limit, cursor, ...filters } = c.req.valid('query')
    if (!wantsCsv(c, format)) {
      return c.json(await listCampaignContacts(deps, c.var.who, { limit, cursor, ...filters, campaignId }), 200)
    }
    const lines = contactResultsAsCsv(deps, c.var.who, { ...filters, campaignId })
    return sendCsv(c, { lines, fileName: 'contacts.csv' })
  })
  app.openapi(read, async (c) => {
    const { id: campaignId, contactId } = c.req.valid('param')
    return c.json(await readCampaignContact(deps, c.var.who, { campaignId, contactId }), 200)
  })
  app.openapi(log, async (c) => {
    const { id: campaignId } = c.req.valid('param')
    return c.json(await listCampaignLog(deps, c.var.who, { ...c.req.valid('query'), campaignId }), 200)
  })
  return app
}
