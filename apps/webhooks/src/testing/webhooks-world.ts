/** The webhooks role as its senders see it, over a real database and queue, for tests. */
import { createHash, createHmac } from 'node:crypto'
import { calls, parkedSignals, signals } from '@outdial/database/schema/calls'
import { suppressions } from '@outdial/database/schema/contacts'
import { eventLog } from '@outdial/database/schema/event-log'
import { reportToken } from '@outdial/dialing/calls/report-token'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import {
  addCampaign,
  addWorkspace,
  callsOf,
  livekitKeys,
  noon,
  one,
  openWorld,
  permitAll,
  start,
  type Workspace,
  type World,
} from '@outdial/dialing/testing'
import type { Hono } from 'hono'
import { SignJWT } from 'jose'
import type { WebhooksOptions } from '../options.ts'
import { createWebhooks } from '../webhooks.ts'

export const publicUrl = 'https://dialer.example.com'
export const twilioAuthToken = '12345'
export const exotelSecret = 'a-secret-of-exotels'
export const reportSecret = 'a secret for reports'

export type WebhooksWorld = World & {
  app: Hono
  /** What the clock of the process shows. */
  clock: { at: Date }
  get(path: string, headers?: Record<string, string>): Promise<Answer>
  post(path: string, request: { headers?: Record<string, string>; body: string | FormData }): Promise<Answer>
}

export type Answer = { status: number; type: string; text: string; body: Record<string, unknown> }

export async function openWebhooksWorld(
  changes: Partial<Pick<WebhooksOptions, 'providers'>> & { livekitUrl?: string } = {},
): Promise<WebhooksWorld> {
  const world = await openWorld(changes.livekitUrl ? { livekitUrl: changes.livekitUrl } : {})
  const deps = { ...world.deps, agentReports: { baseUrl: publicUrl, secret: reportSecret } }
  const clock = { at: noon }
  const now = { now: () => clock.at, realNow: () => new Date(), realDelayUntil: () => 0 }
  const livekitSip = { uri: 'abc123.sip.livekit.cloud' }
  const providers = changes.providers ?? { twilioAuthToken, exotelSecret, livekitSip }
  const app = createWebhooks({ deps, clock: now, livekit: livekitKeys, providers })
  const post: WebhooksWorld['post'] = async (path, { headers = {}, body }) => {
    return read(await app.request(path, { method: 'POST', headers, body }))
  }
  const get: WebhooksWorld['get'] = async (path, headers = {}) => read(await app.request(path, { headers }))
  return { ...world, deps, app, clock, get, post }
}

async function read(answer: Response): Promise<Answer> {
  const text = await answer.text()
  const type = answer.headers.get('content-type') ?? ''
  return { status: answer.status, type, text, body: /json/.test(type) ? JSON.parse(text) : {} }
}

export type DialedCall = { workspace: Workspace; campaignId: string; callId: string; roomName: string; to: string }

/** A call of a campaign that was permitted and dialed, as far as the engine knows. */
export async function dialedCall(world: World): Promise<DialedCall> {
  return one((await dialedCalls(world, 1))[0])
}

/** Several of one campaign. */
export async function dialedCalls(world: World, contacts: number): Promise<DialedCall[]> {
  const limits = { callsPerSecond: 1_000, maxConcurrency: 1_000 }
  const workspace = await addWorkspace(world, { provider: 'twilio', ...limits })
  const { campaignId } = await addCampaign(world, workspace, { contacts })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  const permitted = new Set(await permitAll(world, campaignId, noon))
  const rows = (await callsOf(world, { campaignId })).filter(({ id }) => permitted.has(id))
  return rows.map(({ id, roomName, phoneNumber }) => ({ workspace, campaignId, callId: id, roomName, to: phoneNumber }))
}

export async function callOf(world: World, callId: string) {
  const rows = await world.db.select().from(calls)
  return one(rows.find((call) => call.id === callId))
}

export async function suppressedIn(world: World, { who }: Workspace) {
  const rows = await world.db.select().from(suppressions)
  return rows.filter(({ workspaceId }) => workspaceId === who.workspaceId)
}

/** All that a webhook could leave behind. Nothing else writes while a test holds two of these against each other. */
export async function traces(world: World) {
  return {
    calls: await world.db.select().from(calls).orderBy(calls.id),
    signals: await world.db.select().from(signals).orderBy(signals.id),
    parked: await world.db.select().from(parkedSignals).orderBy(parkedSignals.id),
    log: await world.db.select().from(eventLog).orderBy(eventLog.id),
  }
}

const formType = { 'content-type': 'application/x-www-form-urlencoded' }

/** A form as Twilio signs it; the changes are made after that. */
export function twilioForm(
  path: string,
  form: Record<string, string>,
  { authToken = twilioAuthToken, change = (body: string) => body } = {},
) {
  const names = Object.keys(form).sort()
  const signed = `${publicUrl}${path}${names.map((name) => name + form[name]).join('')}`
  const signature = createHmac('sha1', authToken).update(signed).digest('base64')
  const body = change(new URLSearchParams(form).toString())
  return { headers: { ...formType, 'x-twilio-signature': signature }, body }
}

export async function livekitEvent(
  event: Record<string, unknown>,
  options: { secret?: string; expiresAt?: Date; change?: (body: string) => string } = {},
) {
  const { secret = livekitKeys.apiSecret, expiresAt = new Date(Date.now() + 300_000) } = options
  const body = JSON.stringify(event)
  const sha256 = createHash('sha256').update(body).digest('base64')
  const token = await new SignJWT({ sha256 })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(livekitKeys.apiKey)
    .setExpirationTime(Math.floor(expiresAt.getTime() / 1_000))
    .sign(new TextEncoder().encode(secret))
  const headers = { 'content-type': 'application/webhook+json', authorization: token }
  return { headers, body: options.change ? options.change(body) : body }
}

export function agentReport(
  callId: string,
  report: Record<string, unknown>,
  token = reportToken(reportSecret, callId),
) {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
  return [`/api/agent/calls/${callId}/report`, { headers, body: JSON.stringify(report) }] as const
}
