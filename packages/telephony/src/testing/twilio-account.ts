import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

type Row = Record<string, unknown> & { sid: string }
type Answer = { status: number; body: unknown }

export type TwilioRequest = { method: string; path: string; form: Record<string, string> }

const accountSid = 'AC0123456789abcdef0123456789abcdef'
const authToken = 'an-auth-token'

/**
 * What `twilio setup` needs of Twilio's REST API, over real HTTP: one account with its numbers, credential lists and
 * Elastic SIP trunks, two rows a page. Paths, fields and shapes of the answers follow the responses that Twilio
 * publishes with its libraries; it was never held against Twilio itself.
 */
export async function startTwilioAccount(options: { numbers?: string[]; type?: string; status?: string } = {}) {
  const { numbers = ['+14155550100'], type = 'Full', status = 'active' } = options
  const account = { sid: accountSid, friendly_name: 'Acme', type, status }
  const tables = new Map<string, Row[]>()
  const base = `/2010-04-01/Accounts/${accountSid}`
  tables.set(`${base}/IncomingPhoneNumbers`, numbers.map(newNumber))
  const requests: TwilioRequest[] = []
  const writes = () => requests.filter(({ method }) => method === 'POST')
  let refusal: { write: number; answer: Answer } | undefined
  const world: World = { account, base, tables }

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://twilio.test')
    const form = Object.fromEntries(new URLSearchParams(await text(request)))
    requests.push({ method: request.method ?? '', path: url.pathname, form })
    const isWrite = request.method === 'POST'
    const refused = refuseStranger(request) ?? (isWrite && refusal?.write === writes().length ? refusal.answer : null)
    const { status: code, body } = refused ?? (isWrite ? write(world, url, form) : read(world, url))
    response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    connection: { accountSid, authToken, apiUrl: url, trunkingUrl: url },
    /** The variables that lead `outdial` here. */
    env: {
      TWILIO_ACCOUNT_SID: accountSid,
      TWILIO_AUTH_TOKEN: authToken,
      TWILIO_API_URL: url,
      TWILIO_TRUNKING_URL: url,
    },
    /** The rows behind a path such as `/v1/Trunks`; `{account}` stands for the account's own path. */
    rows: (path: string) => tables.get(path.replace('{account}', base)) ?? [],
    put: (path: string, row: Row) => tableOf(tables, path.replace('{account}', base)).push(row),
    requests,
    writes,
    /** The n-th request that writes, counted from the start, gets this answer and does nothing. */
    refuseWrite: (write: number, answer: { status: number; code: number; message: string }) => {
      refusal = { write, answer: problem(answer.status, answer) }
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

type World = { account: Row; base: string; tables: Map<string, Row[]> }

function refuseStranger(request: IncomingMessage): Answer | undefined {
  const expected = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  if (request.headers.authorization === expected) return undefined
  return problem(401, { code: 20003, message: 'Authenticate' })
}

function problem(status: number, { code, message }: { code: number; message: string }): Answer {
  return { status, body: { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status } }
}

function read({ account, base, tables }: World, url: URL): Answer {
  const path = url.pathname.replace(/\.json$/, '')
  if (path === base) return { status: 200, body: account }
  if (!isList(path)) return readOne(tables, path)
  const wanted = url.searchParams.get('PhoneNumber')
  const rows = tableOf(tables, path).filter((row) => !wanted || String(row.phone_number).includes(wanted))
  const page = Number(url.searchParams.get('Page') ?? 0)
  const rest = `${url.pathname}?PageSize=2&Page=${page + 1}`
  const next = rows.length > (page + 1) * 2 ? rest : null
  const shown = { [keyOf(path)]: rows.slice(page * 2, page * 2 + 2) }
  if (path.startsWith('/v1/')) {
    // Twilio names its own host here, whatever address the request was sent to.
    return {
      status: 200,
      body: { meta: { key: keyOf(path), next_page_url: next && `https://trunking.twilio.com${next}` }, ...shown },
    }
  }
  return { status: 200, body: { ...shown, next_page_uri: next } }
}

function readOne(tables: World['tables'], path: string): Answer {
  const row = findRow(tables, path)
  if (row) return { status: 200, body: withoutPassword(row) }
  return problem(404, { code: 20404, message: `The requested resource ${path} was not found` })
}

function findRow(tables: World['tables'], path: string): Row | undefined {
  const [sid = '', ...list] = path.split('/').reverse()
  return tableOf(tables, list.reverse().join('/')).find((each) => each.sid === sid)
}

function write({ base, tables }: World, url: URL, form: Record<string, string>): Answer {
  const path = url.pathname.replace(/\.json$/, '')
  if (!isList(path)) return change(tables, path, form)
  const kind = path.split('/').at(-1) ?? ''
  const rows = tableOf(tables, path)
  const attached = form.PhoneNumberSid ?? form.CredentialListSid
  if (attached) {
    const from = tableOf(
      tables,
      kind === 'PhoneNumbers' ? `${base}/IncomingPhoneNumbers` : `${base}/SIP/CredentialLists`,
    )
    const row = from.find(({ sid }) => sid === attached)
    if (!row) return problem(404, { code: 20404, message: `The requested resource ${attached} was not found` })
    if (kind === 'PhoneNumbers') row.trunk_sid = path.split('/')[3]
    rows.push(row)
    return { status: 201, body: row }
  }
  const domain = form.DomainName
  if (domain && rows.some((row) => row.domain_name === domain)) {
    return problem(400, { code: 20001, message: `The domain name ${domain} is in use` })
  }
  const row: Row = { ...defaults[kind], ...toFields(form), sid: newSid(prefixes[kind] ?? 'XX') }
  rows.push(row)
  return { status: 201, body: withoutPassword(row) }
}

function change(tables: World['tables'], path: string, form: Record<string, string>): Answer {
  Object.assign(findRow(tables, path) ?? {}, toFields(form))
  return readOne(tables, path)
}

const prefixes: Record<string, string> = {
  Trunks: 'TK',
  CredentialLists: 'CL',
  Credentials: 'CR',
  OriginationUrls: 'OU',
}
const defaults: Record<string, Record<string, unknown>> = {
  Trunks: { friendly_name: '', domain_name: null, secure: false, transfer_mode: 'disable-all' },
}

/** Paths of lists end in a name, paths of things in a SID. */
const isList = (path: string) => !/\/[A-Z]{2}[0-9a-f]{32}$/.test(path)

const keyOf = (path: string) => snakeCase(path.split('/').at(-1) ?? '')

const snakeCase = (name: string) => name.replace(/(?<=[a-z])[A-Z]/g, '_$&').toLowerCase()

function toFields(form: Record<string, string>): Record<string, unknown> {
  const typed = (value: string) => (value === 'true' || value === 'false' ? value === 'true' : value)
  return Object.fromEntries(Object.entries(form).map(([name, value]) => [snakeCase(name), typed(value)]))
}

function withoutPassword({ password: _, ...row }: Row): Row {
  return row
}

function tableOf(tables: Map<string, Row[]>, path: string): Row[] {
  const table = tables.get(path) ?? []
  tables.set(path, table)
  return table
}

function newNumber(e164: string): Row {
  const urls = { trunk_sid: null, voice_url: null }
  return { sid: newSid('PN'), phone_number: e164, capabilities: { voice: true, sms: true, mms: false }, ...urls }
}

function newSid(prefix: string): string {
  return `${prefix}${randomBytes(16).toString('hex')}`
}
