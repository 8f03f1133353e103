import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import {
  deleteRecording,
  linkInput,
  linkRecording,
  listRecordings,
  listRecordingsInput,
  readRecording,
} from '@outdial/dialing/recordings/recordings'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, pageOf, pageQuery, problems, security } from '../http/route-parts.ts'
import { recordingAnswer } from './recording-answer.ts'

const about = { tags: ['Calls'], security }

const list = createRoute({
  method: 'get',
  path: '/recordings',
  ...about,
  operationId: 'listRecordings',
  summary: 'List recordings, newest first',
  request: { query: pageQuery.extend(listRecordingsInput.omit({ limit: true, cursor: true }).shape) },
  responses: { 200: jsonAnswer('One page of recordings.', pageOf(recordingAnswer)), ...problems() },
})

const read = createRoute({
  method: 'get',
  path: '/recordings/{id}',
  ...about,
  operationId: 'readRecording',
  summary: 'Read what is known of a recording',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The recording.', recordingAnswer), ...problems(404) },
})

const link = createRoute({
  method: 'get',
  path: '/recordings/{id}/link',
  ...about,
  operationId: 'linkRecording',
  summary: 'Get an address to listen under',
  description: 'Whoever has it can listen until it expires, without a key. That it was asked for is in the audit log.',
  request: { params: idPath, query: z.strictObject(linkInput.shape) },
  responses: {
    200: jsonAnswer('The address.', z.object({ url: z.url(), expiresAt: z.date() }).openapi('RecordingLink')),
    ...problems(404, 409),
  },
})

const remove = createRoute({
  method: 'delete',
  path: '/recordings/{id}',
  ...about,
  operationId: 'deleteRecording',
  summary: 'Delete a recording',
  description:
    'No link is given from now on, and the file is deleted as soon as its storage answers: then the status is ' +
    '`deleted`. That there was a recording stays known.',
  request: { params: idPath },
  responses: { 202: jsonAnswer('The recording, to be deleted.', recordingAnswer), ...problems(404, 409) },
})

/** The sound of calls. */
export function recordingRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openapi(list, async (c) => c.json(await listRecordings(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(read, async (c) => {
    const { id: recordingId } = c.req.valid('param')
    return c.json(await readRecording(deps, c.var.who, { recordingId }), 200)
  })
  app.openapi(link, async (c) => {
    const { id: recordingId } = c.req.valid('param')
    c.header('cache-control', 'no-store')
    return c.json(await linkRecording(deps, c.var.who, { recordingId, ...c.req.valid('query') }), 200)
  })
  app.openapi(remove, async (c) => {
    const { id: recordingId } = c.req.valid('param')
    return c.json(await deleteRecording(deps, c.var.who, { recordingId }), 202)
  })
  return app
}
