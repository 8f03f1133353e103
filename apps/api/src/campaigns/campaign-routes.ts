import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import { campaignInput, campaignPatch } from '@outdial/dialing/campaigns/campaign-settings'
import { archiveCampaign, patchCampaign, replaceCampaign } from '@outdial/dialing/campaigns/change-campaign'
import { createCampaign } from '@outdial/dialing/campaigns/create-campaign'
import { listCampaigns, listCampaignsInput, readCampaign } from '@outdial/dialing/campaigns/read-campaigns'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'
import { campaignAnswer } from './campaign-answer.ts'

const about = { tags: ['Campaigns'], security }

const list = createRoute({
  method: 'get',
  path: '/campaigns',
  ...about,
  operationId: 'listCampaigns',
  summary: 'List campaigns, newest first',
  request: { query: pageQuery.extend({ status: listCampaignsInput.shape.status }) },
  responses: { 200: jsonAnswer('One page of campaigns.', pageOf(campaignAnswer)), ...problems() },
})

const create = createRoute({
  method: 'post',
  path: '/campaigns',
  ...about,
  operationId: 'createCampaign',
  summary: 'Create a campaign',
  description:
    'It calls nobody before it is started. `timezone` is UTC unless given: set it to the zone whose midnight begins a ' +
    'new day of the daily cap, and whose clock counts where the zone of a contact is not known.',
  request: { headers: repeatable, body: jsonBody(campaignInput) },
  responses: { 201: jsonAnswer('The new campaign.', campaignAnswer), ...problems(409, 413, 415, 422) },
})

const read = createRoute({
  method: 'get',
  path: '/campaigns/{id}',
  ...about,
  operationId: 'readCampaign',
  summary: 'Read a campaign',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The campaign.', campaignAnswer), ...problems(404) },
})

const replace = createRoute({
  method: 'put',
  path: '/campaigns/{id}',
  ...about,
  operationId: 'replaceCampaign',
  summary: 'Replace all settings of a campaign',
  description: 'What is left out takes its default. A running campaign follows from its next claim on.',
  request: { params: idPath, body: jsonBody(campaignInput) },
  responses: { 200: jsonAnswer('The changed campaign.', campaignAnswer), ...problems(404, 409, 413, 415, 422) },
})

const patch = createRoute({
  method: 'patch',
  path: '/campaigns/{id}',
  ...about,
  operationId: 'changeCampaign',
  summary: 'Change some settings of a campaign',
  description: 'What is left out stays. A running campaign follows from its next claim on.',
  request: { params: idPath, body: jsonBody(campaignPatch) },
  responses: { 200: jsonAnswer('The changed campaign.', campaignAnswer), ...problems(404, 409, 413, 415, 422) },
})

const remove = createRoute({
  method: 'delete',
  path: '/campaigns/{id}',
  ...about,
  operationId: 'deleteCampaign',
  summary: 'Delete a campaign',
  description: 'Its calls stay in the history. A running or paused campaign has to be stopped first.',
  request: { params: idPath },
  responses: { 204: { description: 'It is gone.' }, ...problems(404, 409) },
})

/** What people set on campaigns. Starting and watching them have files of their own. */
export function campaignRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => c.json(await listCampaigns(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(create, async (c) => c.json(await createCampaign(deps, c.var.who, c.req.valid('json')), 201))
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readCampaign(deps, c.var.who, { campaignId: id }), 200)
  })
  app.openapi(replace, async (c) => {
    const { id } = c.req.valid('param')
    const settings = c.req.valid('json')
    return c.json(await replaceCampaign(deps, c.var.who, { campaignId: id, settings }), 200)
  })
  app.openapi(patch, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await patchCampaign(deps, c.var.who, { campaignId: id, patch: c.req.valid('json') }), 200)
  })
  app.openapi(remove, async (c) => {
    await archiveCampaign(deps, c.var.who, { campaignId: c.req.valid('param').id })
    return c.body(null, 204)
  })
  return app
}
