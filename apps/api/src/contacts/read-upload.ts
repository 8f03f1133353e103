import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Busboy, type BusboyInstance } from '@fastify/busboy'
import { invalidRequest, Problem } from '../http/problem.ts'
import { unusableText } from '../http/read-json.ts'

/** A file on its way in, and what was said about it. */
export type Upload = {
  fields: Record<string, string>
  fileName: string | undefined
  content: AsyncIterable<Uint8Array>
  /** Lets go of what was not read. */
  close(): void
}

/** So much of a file is read ahead, since many clients send the file first and what they say about it after it. */
const readAheadBytes = 1024 * 1024

const limits = { fields: 20, fieldSize: 64 * 1024, fieldNameSize: 100, files: 1, headerPairs: 50 }

/**
 * Reads the part `file` of a multipart body as a stream; at most 1 MB of it is ever in memory.
 * Throws a Problem for a body that is no such form. `content` throws one when the upload breaks off.
 */
export async function readUpload(body: ReadableStream<Uint8Array> | null, contentType: string): Promise<Upload> {
  if (!body) throw wrongForm('file', 'required', 'is required: send the CSV file as the part `file`')
  const form = openForm(contentType)
  const reading: Promise<void> = pipeline(Readable.fromWeb(body), form.busboy)
  // Who waits for the file hears of it there; a body that ends early must not end the process.
  reading.catch((error: unknown) => form.fail(brokeOff(error)))

  const { stream, fileName } = await Promise.race([
    form.file,
    reading.then(() => {
      throw wrongForm('file', 'required', 'is required: send the CSV file as the part `file`')
    }),
  ])
  const head = await readAhead(stream, reading)
  const known = new Map(form.fields)
  return {
    fields: Object.fromEntries(known),
    fileName,
    content: contentOf({ stream, head, reading, form, known }),
    close: () => {
      if (!form.busboy.writableFinished) form.fail(brokeOff('nobody reads it'))
    },
  }
}

type Form = ReturnType<typeof openForm>

function openForm(contentType: string) {
  const fields = new Map<string, string>()
  const file = Promise.withResolvers<{ stream: Readable; fileName: string | undefined }>()
  let open: Readable | undefined
  const busboy = createBusboy(contentType)
  const fail = (error: Error) => {
    file.reject(error)
    open?.destroy(error)
    busboy.destroy(error)
  }
  file.promise.catch(() => {})
  busboy.on('field', (name, value, isNameCut, isValueCut) => {
    const why = unusableText(name + value)
    if (isNameCut || isValueCut) fail(wrongForm(name, 'too_big', 'is too long'))
    else if (why) fail(wrongForm(unusableText(name) ? 'body' : name, 'invalid_text', why))
    else fields.set(name, value)
  })
  busboy.on('file', (name, stream, fileName) => {
    open = stream
    stream.on('error', () => {})
    if (name !== 'file')
      return fail(wrongForm(name, 'unknown_field', 'is a file: the CSV file has to be the part `file`'))
    file.resolve({ stream, fileName })
  })
  busboy.on('filesLimit', () => fail(wrongForm('file', 'too_many', 'only one file can be sent at a time')))
  busboy.on('fieldsLimit', () => fail(wrongForm('body', 'too_many', 'has too many fields')))
  busboy.on('error', (error) => fail(brokeOff(error)))
  return { busboy, fields, file: file.promise, fail }
}

function createBusboy(contentType: string): BusboyInstance {
  try {
    return new Busboy({ headers: { 'content-type': contentType }, limits, defCharset: 'utf8' })
  } catch (error) {
    throw wrongForm('body', 'malformed_form', error instanceof Error ? error.message : 'is not multipart/form-data')
  }
}

/** The first megabyte; of a smaller upload all of it, so that every field is known. */
async function readAhead(stream: Readable, reading: Promise<void>): Promise<Uint8Array[]> {
  const head: Uint8Array[] = []
  let bytes = 0
  stream.pause()
  try {
    while (bytes < readAheadBytes && !stream.readableEnded) {
      const chunk: unknown = stream.read()
      if (chunk instanceof Uint8Array) {
        head.push(chunk)
        bytes += chunk.length
      } else if (!stream.readableEnded) await somethingNew(stream)
    }
    if (stream.readableEnded) await reading
    return head
  } catch (error) {
    throw brokeOff(error)
  }
}

/** Rejects with what broke the stream. */
function somethingNew(stream: Readable): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const news = { readable: () => resolve(), end: () => resolve(), error: reject }
  for (const [event, listener] of Object.entries(news)) stream.on(event, listener)
  if (stream.errored) reject(stream.errored)
  return promise.finally(() => {
    for (const [event, listener] of Object.entries(news)) stream.off(event, listener)
  })
}

async function* contentOf(upload: {
  stream: Readable
  head: Uint8Array[]
  reading: Promise<void>
  form: Form
  known: ReadonlyMap<string, string>
}): AsyncGenerator<Uint8Array> {
  const { stream, head, reading, form, known } = upload
  try {
    for (let chunk = head.shift(); chunk; chunk = head.shift()) yield chunk
    if (!stream.readableEnded) yield* stream as AsyncIterable<Uint8Array>
    await reading
    const late = [...form.fields.keys()].find((name) => !known.has(name))
    if (late) throw wrongForm(late, 'too_late', 'came after a large file: send it before the file')
  } catch (error) {
    throw brokeOff(error)
  }
}

function wrongForm(field: string, code: string, message: string): Problem {
  return invalidRequest([{ field, code, message }])
}

function brokeOff(cause: unknown): Problem {
  if (cause instanceof Problem) return cause
  const detail = 'The upload broke off before its end. Send the file again.'
  const problem = new Problem(400, 'upload_broke_off', { detail })
  problem.cause = cause
  return problem
}
