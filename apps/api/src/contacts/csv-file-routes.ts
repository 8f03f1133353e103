import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi'
import {
  csvFileInput,
  csvMapping,
  csvRejectsAsCsv,
  listCsvFiles,
  readCsvFile,
} from '@outdial/dialing/contacts/csv-files'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { idPath, jsonAnswer, pageOf, pageQuery, problems, repeatable, security } from '../http/route-parts.ts'
import { sendCsv } from '../http/send-csv.ts'
import { receiveCsvFile } from './receive-csv-file.ts'

export const csvFileAnswer = z
  .object({
    id: z.uuid(),
    contactListId: z.uuid(),
    fileName: z.string(),
    defaultCountry: z.string().nullable(),
    mapping: z.record(z.string(), z.string()).openapi({ description: 'The column for each field, as recognised.' }),
    columns: z.array(z.string()),
    encoding: z.string().nullable(),
    delimiter: z.string().nullable(),
    status: z.enum(['importing', 'imported', 'failed']),
    bytes: z.int(),
    rows: z.int().openapi({ description: 'Always accepted + duplicates + invalid.' }),
    accepted: z.int(),
    duplicates: z.int(),
    invalid: z.int(),
    error: z.string().nullable().openapi({ description: 'Why it failed, and what to do.' }),
    createdAt: z.date(),
    progressedAt: z.date(),
    finishedAt: z.date().nullable(),
  })
  .openapi('CsvFile')

const about = { tags: ['Contacts'], security }

const list = createRoute({
  method: 'get',
  path: '/csv-files',
  ...about,
  operationId: 'listCsvFiles',
  summary: 'List CSV files, newest first',
  request: { query: pageQuery.extend({ contactListId: z.uuid().optional() }) },
  responses: { 200: jsonAnswer('One page of files.', pageOf(csvFileAnswer)), ...problems() },
})

const read = createRoute({
  method: 'get',
  path: '/csv-files/{id}',
  ...about,
  operationId: 'readCsvFile',
  summary: 'Read how far the import of a CSV file is',
  request: { params: idPath },
  responses: { 200: jsonAnswer('The file.', csvFileAnswer), ...problems(404) },
})

const rejects = createRoute({
  method: 'get',
  path: '/csv-files/{id}/rejects',
  ...about,
  operationId: 'readCsvRejects',
  summary: 'Download the rows that were not taken over',
  request: { params: idPath },
  responses: {
    200: { description: 'Line number, code, reason and value.', content: { 'text/csv': { schema: z.string() } } },
    ...problems(404),
  },
})

const options = {
  contactListId: csvFileInput.shape.contactListId,
  defaultCountry: csvFileInput.shape.defaultCountry,
  name: z.string().max(255).optional().openapi({ description: 'Instead of the name of the file.' }),
}

/** Only described here: the body is read as a stream, which validators cannot do. */
const upload = createRoute({
  method: 'post',
  path: '/csv-files',
  ...about,
  operationId: 'uploadCsvFile',
  summary: 'Upload a CSV file of any size',
  description:
    'Fills a contact list while the file comes in. The header `Location` is sent as soon as the file can be read; the ' +
    'body follows when all of it is imported. Fields before the file; after it only if the file is below 1 MB. ' +
    'A body of `text/csv` is the file itself, with the fields in the query.',
  request: {
    headers: repeatable,
    query: z.object({ ...options, mapping: z.string().optional().openapi({ description: 'As JSON.' }) }),
    body: {
      required: true,
      content: {
        'multipart/form-data': {
          schema: z.object({
            ...options,
            mapping: csvMapping.optional().meta({ description: 'As JSON: the name of the column for each field.' }),
            file: z.string().openapi({ format: 'binary' }),
          }),
        },
        'text/csv': { schema: z.string() },
      },
    },
  },
  responses: {
    202: {
      ...jsonAnswer('The file, after the whole upload was read.', csvFileAnswer),
      headers: z.object({ location: z.string().openapi({ description: 'Where to read how far it is.' }) }),
    },
    ...problems(409, 415, 422),
  },
})

/** Files of contacts. */
export function csvFileRoutes(deps: RouteDeps) {
  const app = new OpenAPIHono<ApiEnv>()
  app.openAPIRegistry.registerPath(upload)
  app.post('/csv-files', (c) => receiveCsvFile(deps, c))
  app.openapi(list, async (c) => c.json(await listCsvFiles(deps, c.var.who, c.req.valid('query')), 200))
  app.openapi(read, async (c) => {
    const { id } = c.req.valid('param')
    return c.json(await readCsvFile(deps, c.var.who, { csvFileId: id }), 200)
  })
  app.openapi(rejects, async (c) => {
    const { id } = c.req.valid('param')
    const lines = csvRejectsAsCsv(deps, c.var.who, { csvFileId: id })
    return sendCsv(c, { lines, fileName: `rejects-${id}.csv` })
  })
  return app
}
