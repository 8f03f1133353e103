import { setTimeout as pause } from 'node:timers/promises'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { type Context, Hono } from 'hono'
import { readClaims } from './auth.ts'
import type { RequestFault } from './control/faults.ts'
import { describeError } from './log.ts'
import { readBody } from './read-body.ts'
import type { Services } from './services.ts'
import type { Simulation } from './simulation.ts'
import type { ApiMethod } from './twirp.ts'
import { PlainAnswer, TwirpError } from './twirp-error.ts'

type Env = { Bindings: HttpBindings }

const longestBody = 10 * 1024 * 1024

/** The LiveKit API: POST /twirp/livekit.<Service>/<Method>, in JSON or protobuf. */
export function createTwirpRoutes(simulation: Simulation, services: Services): Hono<Env> {
  const routes = new Hono<Env>()
  routes.all('/twirp/:service/:method', async (context) => {
    try {
      const { service, method: name } = context.req.param()
      const run = services.get(`${service}/${name}`)
      return await serve(simulation, { context, name, run, services })
    } catch (error) {
      return toErrorResponse(simulation, error)
    }
  })
  return routes
}

type Request = { context: Context<Env>; name: string; run: ApiMethod | undefined; services: Services }

async function serve(simulation: Simulation, { context, name, run, services }: Request): Promise<Response> {
  const claims = readClaims(context.req.header('authorization'), simulation.keys)
  const isJson = isJsonRequest(context)
  if (!run) throw noHandler(context, services)
  const body = await readBody(context.env.incoming, longestBody)
  if (!body) throw new TwirpError('malformed', `the request body is longer than ${longestBody} bytes`)
  const fault = simulation.faults.forRequest(name)
  if (fault?.when === 'before') {
    const failure = await fail(simulation, { context, fault })
    if (failure) return failure
  }
  const answerEarly = fault?.when === 'after' && fault.action !== 'delay'
  const answer = await run({ body, isJson, claims, call: { answerEarly } })
  if (fault?.when === 'after') {
    const failure = await fail(simulation, { context, fault })
    if (failure) return failure
  }
  // the SDK reads errors and answers only when the type is exactly this, without a charset
  return new Response(answer, { headers: { 'content-type': isJson ? 'application/json' : 'application/protobuf' } })
}

/** A service that is there says it in Twirp; a path that is none never gets that far. */
function noHandler({ req }: Context<Env>, services: Services): Error {
  const isService = [...services.keys()].some((path) => path.startsWith(`${req.param('service')}/`))
  if (!isService) return new PlainAnswer(404, '404 page not found\n')
  return badRoute(req, `no handler for path "${req.path}"`)
}

function badRoute({ method, path }: { method: string; path: string }, message: string): TwirpError {
  return new TwirpError('bad_route', message, { twirp_invalid_route: `${method} ${path}` })
}

/** @throws TwirpError for any method but POST, and any content type but JSON and protobuf. */
function isJsonRequest({ req }: Context<Env>): boolean {
  if (req.method !== 'POST') {
    throw badRoute(req, `unsupported method "${req.method}" (only POST is allowed)`)
  }
  const [type] = (req.header('content-type') ?? '').split(';')
  const name = type?.trim().toLowerCase()
  if (name === 'application/json') return true
  if (name === 'application/protobuf') return false
  throw badRoute(req, `unexpected Content-Type: "${req.header('content-type') ?? ''}"`)
}

/** Does what the fault says; answers nothing for a mere delay. */
async function fail(
  simulation: Simulation,
  { context, fault }: { context: Context<Env>; fault: RequestFault },
): Promise<Response | undefined> {
  const { incoming, outgoing } = context.env
  switch (fault.action) {
    case 'delay':
      await pause(fault.delayMs, undefined, { signal: simulation.closing }).catch(() => {})
      return undefined
    case 'timeout':
      await new Promise<void>((resolve) => {
        if (outgoing.destroyed || incoming.socket.destroyed) resolve()
        outgoing.once('close', () => resolve())
      })
      return RESPONSE_ALREADY_SENT
    case 'reset':
      incoming.socket.resetAndDestroy()
      return RESPONSE_ALREADY_SENT
    case 'rate_limit':
      throw new TwirpError('resource_exhausted', 'rate limit exceeded')
    case 'no_response':
      throw new TwirpError('unavailable', 'no response from servers')
    case '5xx':
      return serverFailure(fault.status)
  }
}

// 500 and 503 come from the server, the others from something in front of it
function serverFailure(status: number): Response {
  if (status === 500) throw new TwirpError('internal', 'internal error')
  if (status === 503) throw new TwirpError('unavailable', 'service unavailable')
  return new Response('upstream failure', { status, headers: { 'content-type': 'text/plain' } })
}

function toErrorResponse({ log }: Simulation, error: unknown): Response {
  if (error instanceof PlainAnswer) {
    const headers = { 'content-type': 'text/plain; charset=utf-8' }
    return new Response(error.message, { status: error.status, headers })
  }
  const known = error instanceof TwirpError ? error : new TwirpError('internal', describeError(error))
  if (known !== error) log('error', 'a request failed', { error: describeError(error) })
  return new Response(known.body, { status: known.status, headers: { 'content-type': 'application/json' } })
}
