import { OpenAPIHono } from '@hono/zod-openapi'
import type { Deps } from '@outdial/dialing/deps'
import type { Clock } from '@outdial/service/clock'
import type { CallDefaults } from '@outdial/service/environment'
import { type Checks, healthRoutes } from '@outdial/service/health'
import type { Registry } from '@outdial/service/metrics'
import type { MiddlewareHandler } from 'hono'
import { secureHeaders } from 'hono/secure-headers'
import { authenticate } from './auth/authenticate.ts'
import { createTokenReader, type TokenAuth } from './auth/read-token.ts'
import { browserRoutes } from './calls/browser-routes.ts'
import { callRoutes } from './calls/call-routes.ts'
import { callEventRoutes } from './calls/event-routes.ts'
import { livekitCallRoutes } from './calls/livekit-call-routes.ts'
import { recordingRoutes } from './calls/recording-routes.ts'
import { transcriptRoutes } from './calls/transcript-routes.ts'
import { campaignAnswerRoutes } from './campaigns/answer-routes.ts'
import { campaignRoutes } from './campaigns/campaign-routes.ts'
import { campaignContactRoutes } from './campaigns/contact-routes.ts'
import { campaignEventRoutes } from './campaigns/event-routes.ts'
import { campaignInsightRoutes } from './campaigns/insight-routes.ts'
import { campaignLifecycleRoutes } from './campaigns/lifecycle-routes.ts'
import { assistantRoutes } from './configuration/assistant-routes.ts'
import { phoneNumberRoutes } from './configuration/phone-number-routes.ts'
import { trunkRoutes } from './configuration/trunk-routes.ts'
import { workspaceRoutes } from './configuration/workspace-routes.ts'
import { contactListRoutes } from './contacts/contact-list-routes.ts'
import { csvFileRoutes } from './contacts/csv-file-routes.ts'
import { suppressionRoutes } from './contacts/suppression-routes.ts'
import type { ApiEnv, RouteDeps } from './context.ts'
import { callbackRoutes } from './docs/callback-routes.ts'
import { addReference } from './docs/reference-routes.ts'
import { answerErrors } from './http/answer-errors.ts'
import { repeatSafely } from './http/idempotency.ts'
import { limitRate } from './http/limit-rate.ts'
import { readJson } from './http/read-json.ts'
import { readQuery } from './http/read-query.ts'
import { logRequests } from './http/request-log.ts'
import { createRouteProblem } from './http/unknown-route.ts'
import { refuseInvalid } from './http/validation.ts'
import { asNamed, movedAssistantCallRoutes } from './moved/assistant-call-routes.ts'
import { movedCallRoutes } from './moved/call-routes.ts'
import { noticeEndpointRoutes } from './notices/notice-endpoint-routes.ts'
import { noticeRoutes } from './notices/notice-routes.ts'

export type ApiOptions = {
  /** `db` connected as the role `api`. */
  deps: Deps
  clock: Pick<Clock, 'now'>
  auth: TokenAuth
  /** The address people reach this server under, for the API reference. Without it the page's own. */
  publicUrl?: string
  /** Per API key or user and process; 1,200 unless given. */
  requestsPerMinute?: number
  /** What calls fall back on that name neither agent nor trunk, as systems that moved over send them. */
  callDefaults?: CallDefaults
  /** How long a request may wait for a telephone to be answered, in real time; 100 s unless given. */
  answerPatienceMs?: number
  /** Adds /healthz, /readyz and /metrics; left out where another part of the process serves them. */
  health?: { checks: Checks; registry: Registry }
  /** Ends streams when it fires, so that the server can close. */
  stopping?: AbortSignal
}

/**
 * The HTTP API: everything below /api/v1, the reference at /docs, its document at /openapi.json. Makes no connections
 * and starts nothing. Mounted into another app it has to come last: it answers whatever it does not know.
 */
export function createApi(options: ApiOptions): OpenAPIHono<ApiEnv> {
  const stopping = options.stopping ?? new AbortController().signal
  const { callDefaults = {}, answerPatienceMs = 100_000 } = options
  const deps: RouteDeps = { ...options.deps, clock: options.clock, stopping, callDefaults, answerPatienceMs }
  const app = new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalid })

  app.use(logRequests(deps))
  app.use(secureHeaders({ crossOriginResourcePolicy: 'same-origin', strictTransportSecurity: 'max-age=15552000' }))
  if (options.health) app.route('/', healthRoutes(options.health))
  app.route('/', callbackRoutes())
  const guards = guardsOf(deps, options)
  app.route('/api/v1', guarded(guards, allRoutes, deps))
  app.route('/api/livekit', guarded(guards, [browserRoutes], deps))
  app.route('/api/calls', guarded(guards, [movedCallRoutes], deps))
  const call = guarded(guards, [movedAssistantCallRoutes], deps)
  call.onError(answerErrors(deps, asNamed))
  app.route('/call', call)
  addReference(app, options)

  const routeProblem = createRouteProblem(app)
  app.all('*', (c) => {
    throw routeProblem(c.req)
  })
  app.onError(answerErrors(deps))
  return app
}

type Routes = (deps: RouteDeps) => OpenAPIHono<ApiEnv>

/** What every request of a client has to pass; the same for all addresses, so that a key has one rate limit. */
function guardsOf(deps: RouteDeps, options: ApiOptions): MiddlewareHandler<ApiEnv>[] {
  return [
    authenticate(deps, createTokenReader(options.auth)),
    limitRate({ requestsPerMinute: options.requestsPerMinute ?? 1_200 }),
    ...[readQuery, readJson, repeatSafely(deps)],
  ]
}

function guarded(guards: MiddlewareHandler<ApiEnv>[], routes: Routes[], deps: RouteDeps): OpenAPIHono<ApiEnv> {
  const app = new OpenAPIHono<ApiEnv>()
  app.use(...guards)
  for (const each of routes) app.route('/', each(deps))
  return app
}

const allRoutes = [
  campaignRoutes,
  campaignLifecycleRoutes,
  campaignInsightRoutes,
  campaignContactRoutes,
  campaignAnswerRoutes,
  campaignEventRoutes,
  callRoutes,
  livekitCallRoutes,
  callEventRoutes,
  recordingRoutes,
  transcriptRoutes,
  contactListRoutes,
  csvFileRoutes,
  suppressionRoutes,
  assistantRoutes,
  trunkRoutes,
  phoneNumberRoutes,
  noticeEndpointRoutes,
  noticeRoutes,
  workspaceRoutes,
]
