import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import {
  AgentDispatchClient,
  EgressClient,
  RoomAgentDispatch,
  RoomServiceClient,
  SipClient,
  type WebhookEvent,
  WebhookReceiver,
} from 'livekit-server-sdk'
import type { LedgerCall } from './network/ledger.ts'
import { type Simulator, type SimulatorOptions, startSimulator } from './simulator.ts'

export const apiKey = 'testkey'
export const apiSecret = 'a-secret-for-the-tests-of-the-simulator'
export const trunkId = 'ST_test'
export const twilioTrunkId = 'ST_twilio'

type Received = { path: string; headers: http.IncomingHttpHeaders; body: string }

/** A simulator with the real SDK's clients, and a server that receives what it sends. */
export async function startProject(options: Partial<SimulatorOptions> = {}) {
  const inbox = await startInbox()
  const simulator = await startSimulator({
    port: 0,
    speed: 200,
    clockOriginMs: Date.now(),
    seed: 7,
    apiKey,
    apiSecret,
    webhookUrls: [`${inbox.url}/webhook`],
    webhookBackoffMs: 5,
    trunks: [
      { sipTrunkId: trunkId, address: 'sip.example.com', numbers: ['+12125550100'] },
      { sipTrunkId: twilioTrunkId, address: 'example.pstn.twilio.com', numbers: ['+12125550101'] },
    ],
    ...options,
  })
  const keys = [simulator.url, apiKey, apiSecret] as const
  const rooms = new RoomServiceClient(...keys)
  return {
    simulator,
    inbox,
    rooms,
    /** A room whose agent reports to `/report`; more metadata may be given. */
    roomWithAgent: (name: string, metadata: object = {}) => {
      const report = { url: `${inbox.url}/report`, token: 'agent-token' }
      const agent = new RoomAgentDispatch({ agentName: 'outbound', metadata: JSON.stringify({ report, ...metadata }) })
      return rooms.createRoom({ name, agents: [agent] })
    },
    sip: new SipClient(...keys),
    dispatch: new AgentDispatchClient(...keys),
    egress: new EgressClient(...keys),
    control: (method: string, path: string, body?: unknown) => control(simulator, { method, path, body }),
    /** Waits for the only call of a room to end. */
    ended: (roomName: string) => waitForCall(simulator, (call) => call.roomName === roomName && Boolean(call.ended)),
    call: (roomName: string) => simulator.ledger().calls.find((call) => call.roomName === roomName),
    async close() {
      await simulator.close()
      await inbox.close()
    },
  }
}

export type Project = Awaited<ReturnType<typeof startProject>>

/** Polls until the probe answers something; fails after ten seconds with what it waited for. */
export async function waitFor<T>(what: string, probe: () => T | undefined | false | Promise<T | undefined | false>) {
  const deadline = Date.now() + 10_000
  while (Date.now() < deadline) {
    const found = await probe()
    if (found) return found
    await pause(5)
  }
  throw new Error(`waited ten seconds for ${what}`)
}

function waitForCall(simulator: Simulator, fits: (call: LedgerCall) => boolean): Promise<LedgerCall> {
  return waitFor('a call in the ledger', () => simulator.ledger().calls.find(fits))
}

async function control(simulator: Simulator, { method, path, body }: { method: string; path: string; body: unknown }) {
  const response = await fetch(`${simulator.url}/_network${path}`, {
    method,
    body: body === undefined ? undefined : JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  })
  const answer: unknown = await response.json()
  return { status: response.status, type: response.headers.get('content-type'), body: answer }
}

async function startInbox() {
  const received: Received[] = []
  const receiver = new WebhookReceiver(apiKey, apiSecret)
  /** Statuses to answer before 200 becomes the answer to everything. */
  const statuses: number[] = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => {
      body += chunk
    })
    request.on('end', () => {
      received.push({ path: request.url ?? '', headers: request.headers, body })
      response.statusCode = statuses.shift() ?? 200
      response.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const at = (path: string) => received.filter((each) => each.path === path)
  return {
    url,
    statuses,
    at,
    /** The webhooks so far, verified by the SDK. */
    events: (): Promise<WebhookEvent[]> =>
      Promise.all(at('/webhook').map(({ body, headers }) => receiver.receive(body, headers.authorization))),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
