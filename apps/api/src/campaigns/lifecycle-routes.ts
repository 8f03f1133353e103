import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import { pauseCampaign, resumeCampaign, startCampaign, stopCampaign } from '@outdial/dialing/campaigns/lifecycle'
import { campaignStatuses } from '@outdial/policy/states'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, problems, repeatable, security } from '../http/route-parts.ts'

const moved = z
  .object({
    id: z.uuid(),
    executionStatus: z.enum(campaignStatuses),
    changed: z.boolean().openapi({ description: 'False when it was in this state already.' }),
  })
  .openapi('CampaignMoved')

const about = { tags: ['Campaigns'], security }
const conflict = 'Repeating it changes nothing. A wrong transition is a 409 whose `allowed` lists what is allowed.'

const start = createRoute({
  method: 'post',
  path: '/campaigns/{id}/start',
  ...about,
  operationId: 'startCampaign',
  summary: 'Start a campaign',
  description: `Dials as soon as its windows allow. ${conflict}`,
  request: { params: idPath, headers: repeatable },
  responses: { 200: jsonAnswer('It runs.', moved), ...problems(404, 409, 422) },
})

const pause = createRoute({
  method: 'post',
  path: '/campaigns/{id}/pause',
  ...about,
  operationId: 'pauseCampaign',
  summary: 'Pause a campaign',
  description: `Stops new dials at once, queued ones included; live calls finish. ${conflict}`,
  request: { params: idPath, headers: repeatable },
  responses: { 200: jsonAnswer('It is paused.', moved), ...problems(404, 409) },
})

const resume = createRoute({
  method: 'post',
  path: '/campaigns/{id}/resume',
  ...about,
  operationId: 'resumeCampaign',
  summary: 'Resume a campaign',
  description: `Goes on after a pause, or after an error whose cause is mended. ${conflict}`,
  request: { params: idPath, headers: repeatable },
  responses: { 200: jsonAnswer('It runs.', moved), ...problems(404, 409, 422) },
})

const stop = createRoute({
  method: 'post',
  path: '/campaigns/{id}/stop',
  ...about,
  operationId: 'stopCampaign',
  summary: 'Stop a campaign',
  description: `Ends the run. Live calls finish, unless they are to be hung up. ${conflict}`,
  request: {
    params: idPath,
    headers: repeatable,
    body: jsonBody(z.strictObject({ hangUpLiveCalls: z.boolean().default(false) }), { required: false }),
  },
  responses: { 200: jsonAnswer('It is idle.', moved), ...problems(404, 409, 415) },
})

/** Moves campaigns through their life. */
export function campaignLifecycleRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  const input = (c: { req: { valid(target: 'param'): { id: string } } }) => ({ campaignId: c.req.valid('param').id })
  app.openapi(start, async (c) => c.json(await startCampaign(deps, c.var.who, input(c)), 200))
  app.openapi(pause, async (c) => c.json(await pauseCampaign(deps, c.var.who, input(c)), 200))
  app.openapi(resume, async (c) => c.json(await resumeCampaign(deps, c.var.who, input(c)), 200))
  app.openapi(stop, async (c) => {
    const { hangUpLiveCalls } = c.req.valid('json')
    return c.json(await stopCampaign(deps, c.var.who, { ...input(c), hangUpLiveCalls }), 200)
  })
  return app
}
