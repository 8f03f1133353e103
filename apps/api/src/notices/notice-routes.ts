import { createRoute, OpenAPIHono } from '@hono/zod-openapi'
import {
  listNotices,
  noticeFilters,
  readNotice,
  redeliverNotice,
  redeliverNoticeInput,
} from '@outdial/dialing/notices/notices'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, jsonBody, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'
import { noticeAnswer, noticeInFullAnswer } from './notice-answer.ts'

const about = { tags: ['Notices'], security }

const list = createRoute({
  method: 'get',
  path: '/notices',
  ...about,
  operationId: 'listNotices',
  summary: 'List notices and what became of them, newest first',
  description: 'Those that at least one endpoint wanted, for 30 days.',
  request: { query: pageQuery.extend(noticeFilters.shape) },
  responses: { 200: jsonAnswer('One page of notices.', pageOf(noticeAnswer)), ...problems() },
})

const read = createRoute({
  method: 'get',
  path: '/notices/{id}',
  ...about,
  operationId: 'readNotice',
  summary: 'Read a notice, its body and every try to deliver it',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The notice.', noticeInFullAnswer), ...problems(404) },
})

const redeliver = createRoute({
  method: 'post',
  path: '/notices/{id}/redeliver',
  ...about,
  operationId: 'redeliverNotice',
  summary: 'Send a notice again',
  description: 'Under the same id, so that a receiver that has it can tell. To all its endpoints, or to the one named.',
  request: { params: idPath, headers: repeatable, body: jsonBody(redeliverNoticeInput, { required: false }) },
  responses: { 202: jsonAnswer('The notice, on its way.', noticeInFullAnswer), ...problems(404, 409, 413, 415) },
})

/** What the workspace's endpoints were told. */
export function noticeRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => c.json(await listNotices(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(read, async (c) => {
    return c.json(await readNotice(deps, c.var.who, { noticeId: c.req.valid('param').id }), 200)
  })
  app.openapi(redeliver, async (c) => {
    const { endpointId } = c.req.valid('json')
    return c.json(await redeliverNotice(deps, c.var.who, { noticeId: c.req.valid('param').id, endpointId }), 202)
  })
  return app
}
