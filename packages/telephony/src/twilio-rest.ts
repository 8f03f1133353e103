import { z } from 'zod'

export type TwilioConnection = {
  /** `AC…`, as the console of the account shows it. */
  accountSid: string
  authToken: string
  /** Other addresses than Twilio's own: a region, or a stand-in for tests. */
  apiUrl?: string | undefined
  trunkingUrl?: string | undefined
}

/** `account`: numbers and credentials of the account. `trunking`: its Elastic SIP trunks. */
type Api = 'account' | 'trunking'

export type TwilioRest = {
  accountSid: string
  read<S extends z.ZodType>(api: Api, path: string, answer: S): Promise<z.output<S>>
  /** All pages of a list; `key` is its name in the answer. */
  list<S extends z.ZodType>(api: Api, path: string, wanted: { key: string; row: S }): Promise<z.output<S>[]>
  /** Creates or changes. Sent once: Twilio knows no idempotency keys. */
  write<S extends z.ZodType>(
    api: Api,
    path: string,
    request: { form: Record<string, string>; answer: S },
  ): Promise<z.output<S>>
}

/** Twilio refused, or could not be asked. The message says what to do and holds no secret. */
export class TwilioError extends Error {
  override readonly name = 'TwilioError'
  /** HTTP status; undefined when no answer came. */
  readonly status: number | undefined

  constructor(message: string, options: ErrorOptions & { status?: number } = {}) {
    super(message, options)
    this.status = options.status
  }
}

/** Twilio's REST API with the account's auth token. https://www.twilio.com/docs/sip-trunking/api */
export function createTwilioRest(connection: TwilioConnection): TwilioRest {
  const { accountSid } = connection
  const send = (api: Api, target: string, form?: Record<string, string>) =>
    ask(connection, { url: new URL(target, baseOf(connection, api)), form })
  return {
    accountSid,
    read: async (api, path, answer) => understand(answer, await send(api, pathOf(api, accountSid, path))),
    write: async (api, path, { form, answer }) =>
      understand(answer, await send(api, pathOf(api, accountSid, path), form)),
    async list(api, path, { key, row }) {
      const rows: z.output<typeof row>[] = []
      const first = `${pathOf(api, accountSid, path)}${path.includes('?') ? '&' : '?'}PageSize=100`
      for (let next: string | null = first; next; ) {
        const answer: unknown = await send(api, next)
        rows.push(...(understand(z.looseObject({ [key]: z.array(row) }), answer)[key] as z.output<typeof row>[]))
        next = nextPath(understand(paging, answer))
      }
      return rows
    },
  }
}

const requestTimeoutMs = 15_000

/** The account's API names the next page in one way, trunking in another. */
const paging = z.looseObject({
  next_page_uri: z.string().nullish(),
  meta: z.looseObject({ next_page_url: z.string().nullish() }).optional(),
})
const refusal = z.looseObject({ code: z.number().optional(), message: z.string().catch('') })

/** Only the path is taken over: the auth token goes to no other host. */
function nextPath({ next_page_uri: uri, meta }: z.output<typeof paging>): string | null {
  const address = meta?.next_page_url ?? uri
  if (!address) return null
  const { pathname, search } = new URL(address, 'https://twilio.invalid')
  return `${pathname}${search}`
}

function baseOf({ apiUrl, trunkingUrl }: TwilioConnection, api: Api): string {
  return api === 'account' ? (apiUrl ?? 'https://api.twilio.com') : (trunkingUrl ?? 'https://trunking.twilio.com')
}

function pathOf(api: Api, accountSid: string, path: string): string {
  if (api === 'trunking') return `/v1${path}`
  const [resource = '', query] = path.split('?')
  return `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}${resource}.json${query ? `?${query}` : ''}`
}

async function ask(
  { accountSid, authToken }: TwilioConnection,
  { url, form }: { url: URL; form: Record<string, string> | undefined },
): Promise<unknown> {
  const headers = { authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}` }
  const signal = AbortSignal.timeout(requestTimeoutMs)
  const request: RequestInit = { headers, signal, redirect: 'error' }
  if (form) Object.assign(request, { method: 'POST', body: new URLSearchParams(form) })
  const { response, text } = await fetch(url, request)
    .then(async (answered) => ({ response: answered, text: await answered.text() }))
    .catch((error: unknown) => {
      throw notReached(error, { host: url.host, isWrite: form !== undefined })
    })
  if (!response.ok) throw explain(response, { host: url.host, text })
  const answer = parseJson(text)
  if (answer === undefined) throw new TwilioError(`The server at ${url.host} did not answer like Twilio. ${checkHost}`)
  return answer
}

const checkHost = 'Check TWILIO_API_URL and TWILIO_TRUNKING_URL, or leave them unset.'

function notReached(error: unknown, { host, isWrite }: { host: string; isWrite: boolean }): TwilioError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const reason = cause instanceof Error ? cause.message || cause.name : String(cause)
  const next = isWrite
    ? 'Run it again: what was done is found and left as it is.'
    : 'Check the network, then try again.'
  return new TwilioError(`Twilio at ${host} did not answer (${reason}). ${next}`, { cause: error })
}

function explain({ status, statusText }: Response, { host, text }: { host: string; text: string }): TwilioError {
  const told = refusal.safeParse(parseJson(text))
  const { code, message } = told.success ? told.data : { code: undefined, message: statusText }
  const said = `"${message.slice(0, 300) || statusText}" (${code === undefined ? `HTTP ${status}` : `error ${code}`})`
  return new TwilioError(`Twilio at ${host} ${adviceFor(status, said)}`, { status })
}

function adviceFor(status: number, said: string): string {
  if (status === 401) {
    return `refused the credentials: ${said}. Set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN as the console shows them.`
  }
  if (status === 403) return `does not allow this to the account: ${said}. Look at its status in the Twilio console.`
  if (status === 404) return `found nothing there: ${said}. Check TWILIO_ACCOUNT_SID and what was named.`
  if (status === 429) return `wants fewer requests: ${said}. Run it again in a minute.`
  if (status < 500) return `refused: ${said}. Correct what it names and run it again.`
  return `failed: ${said}. Run it again later; https://status.twilio.com tells of incidents.`
}

function understand<S extends z.ZodType>(schema: S, answer: unknown): z.output<S> {
  const parsed = schema.safeParse(answer)
  if (parsed.success) return parsed.data
  const field = parsed.error.issues[0]?.path.join('.') ?? ''
  throw new TwilioError(`Twilio's answer is not understood at "${field}". ${checkHost}`)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
