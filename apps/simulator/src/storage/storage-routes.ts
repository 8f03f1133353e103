import { createHash, createHmac } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { writeSilence } from './silence.ts'
import { type Storage, type StoredFile, storagePath } from './storage.ts'

type Env = { Bindings: HttpBindings }

/** What S3 does with an object, by path and with the signature in the query: GET and DELETE. Errors are XML, as there. */
export function createStorageRoutes(storage: Storage): Hono<Env> {
  const app = new Hono<Env>()
  app.on(['GET', 'DELETE'], '/:bucket/:key{.+}', (context) => {
    const { method, url } = context.req
    const path = decodeURIComponent(new URL(url).pathname.slice(storagePath.length + 1))
    const file = storage.find(path)
    // S3 deletes what is not there as well, and looks at who asks first; without a file nobody's secret is known here.
    if (!file) return method === 'DELETE' ? context.body(null, 204) : refuse(404, 'NoSuchKey')
    const refusal = checkSignature(file, { method, url: new URL(url), host: context.req.header('host') ?? '' })
    if (refusal) return refuse(403, refusal)
    if (method === 'DELETE') {
      storage.delete(path)
      return context.body(null, 204)
    }
    const query = new URL(url).searchParams
    const headers = { 'content-type': query.get('response-content-type') ?? 'application/octet-stream' }
    return new Response(new Uint8Array(writeSilence(file.durationMs)), { headers })
  })
  return app
}

function refuse(status: number, code: string): Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code></Error>`
  return new Response(body, { status, headers: { 'content-type': 'application/xml' } })
}

/** Why a request is not let in; undefined when AWS Signature Version 4 in its query is right and still good. */
function checkSignature(
  file: StoredFile,
  { method, url, host }: { method: string; url: URL; host: string },
): string | undefined {
  const given = url.searchParams
  const [accessKey = '', day = '', region = '', service, end] = (given.get('X-Amz-Credential') ?? '').split('/')
  const date = given.get('X-Amz-Date') ?? ''
  if (!given.has('X-Amz-Signature')) return 'AccessDenied'
  if (accessKey !== file.accessKey) return 'InvalidAccessKeyId'
  const signedMs = Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'))
  if (!(Date.now() < signedMs + Number(given.get('X-Amz-Expires')) * 1_000)) return 'AccessDenied'
  // Taken from the address as it was sent, so that another way of spelling it shows.
  const parts = url.search
    .slice(1)
    .split('&')
    .filter((part) => !part.startsWith('X-Amz-Signature='))
  const request = [method, url.pathname, parts.toSorted().join('&'), `host:${host}`, '', 'host', 'UNSIGNED-PAYLOAD']
  const hash = createHash('sha256').update(request.join('\n')).digest('hex')
  const text = ['AWS4-HMAC-SHA256', date, [day, region, service, end].join('/'), hash].join('\n')
  let secret: Buffer = Buffer.from(`AWS4${file.secret}`)
  for (const part of [day, region, service ?? '', end ?? '']) secret = hmac(secret, part)
  return hmac(secret, text).toString('hex') === given.get('X-Amz-Signature') ? undefined : 'SignatureDoesNotMatch'
}

function hmac(secret: Buffer, text: string): Buffer {
  return createHmac('sha256', secret).update(text).digest()
}
