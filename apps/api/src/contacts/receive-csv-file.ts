import { type CsvFile, createCsvFile, csvFileInput, readCsvFile } from '@outdial/dialing/contacts/csv-files'
import { importCsv } from '@outdial/dialing/contacts/import-csv'
import type { Who } from '@outdial/dialing/deps'
import type { Context } from 'hono'
import type { ApiEnv, RouteDeps } from '../context.ts'
import { takeTurn } from '../http/idempotency.ts'
import { invalidRequest, Problem } from '../http/problem.ts'
import { parseOrRefuse } from '../http/validation.ts'
import { readUpload, type Upload } from './read-upload.ts'

/** What is wrong with a file shows in its first rows: an import that has lasted so long is answered as begun. */
const begunAfterMs = 1_500

/** White space before JSON means nothing, and keeps proxies from closing a connection that looks idle. */
const heartbeatMs = 10_000

/**
 * POST /csv-files. Some proxies stop forwarding a request once its answer is complete, so the answer begins early and
 * ends with the upload: status and `Location` first, the file's final numbers as the body when all of it is imported.
 */
export async function receiveCsvFile(deps: RouteDeps, c: Context<ApiEnv>): Promise<Response> {
  const turn = await takeTurn(deps, c)
  if (turn.replay) return turn.replay
  const who: Who = { ...c.var.who, ...(turn.newId ? { newId: turn.newId } : {}) }
  let upload: Upload | undefined
  try {
    upload = await openBody(c)
    const { id } = await createCsvFile(deps, who, readInput(c, upload))
    const importing = importCsv(deps, who, { csvFileId: id, stream: upload.content })
    const file = await Promise.race([importing, wait(begunAfterMs)])
    c.header('location', `/api/v1/csv-files/${id}`)
    if (file) {
      await turn.keep({ status: 202, body: file })
      return c.json(file, 202)
    }
    const ending = importing.catch(() => readCsvFile(deps, who, { csvFileId: id }))
    const answered = ending.then(async (ended) => {
      await turn.keep({ status: 202, body: ended })
      return ended
    })
    return c.body(answerWhenDone(answered), 202, { 'content-type': 'application/json' })
  } catch (error) {
    upload?.close()
    await turn.giveUp(error)
    throw error
  }
}

function readInput(c: Context<ApiEnv>, { fields, fileName }: Upload) {
  const { name, mapping, ...rest } = withoutBlanks({ ...c.req.query(), ...fields })
  const known = { ...rest, fileName: name ?? fileName ?? 'contacts.csv', mapping: readMapping(mapping) }
  return parseOrRefuse(csvFileInput, known)
}

async function openBody(c: Context<ApiEnv>): Promise<Upload> {
  const contentType = c.req.header('content-type') ?? ''
  if (/^multipart\/form-data\b/i.test(contentType)) return readUpload(c.req.raw.body, contentType)
  if (/^text\/(csv|tab-separated-values|plain)\b/i.test(contentType)) {
    return { fields: {}, fileName: undefined, content: rawContent(c.req.raw.body), close: () => {} }
  }
  const detail = 'Send the file as the part `file` of multipart/form-data, or as a body of text/csv.'
  throw new Problem(415, 'unsupported_media_type', { detail })
}

async function* rawContent(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  if (body) yield* body
}

function readMapping(mapping: string | undefined): unknown {
  if (mapping === undefined) return undefined
  try {
    return JSON.parse(mapping)
  } catch {
    const message = 'is not JSON: send an object such as {"phoneNumber":"Mobile"}'
    throw invalidRequest([{ field: 'mapping', code: 'malformed_json', message }])
  }
}

/** Forms send what was left empty as well. */
function withoutBlanks(fields: Record<string, string>): Record<string, string | undefined> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value.trim() !== ''))
}

function answerWhenDone(answered: Promise<CsvFile>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  let heartbeat: NodeJS.Timeout | undefined
  return new ReadableStream({
    start(controller) {
      // The first byte sends status and headers on their way.
      controller.enqueue(encoder.encode(' '))
      heartbeat = setInterval(() => controller.enqueue(encoder.encode(' ')), heartbeatMs)
      answered
        .then((file) => controller.enqueue(encoder.encode(JSON.stringify(file))))
        .then(() => controller.close())
        .catch((error: unknown) => controller.error(error))
        .finally(() => clearInterval(heartbeat))
    },
    cancel() {
      clearInterval(heartbeat)
    },
  })
}

function wait(ms: number): Promise<null> {
  return new Promise((resolve) => setTimeout(() => resolve(null), ms).unref())
}
