/** Everything that a call that comes in passes, over the wire: the simulator, its webhooks, the appliers, the sweep. */
import { calls, notices } from '@outdial/database/schema/calls'
import { changeAssistant } from '@outdial/dialing/assistants/assistants'
import { sweep } from '@outdial/dialing/sweep/sweep'
import { addWorkspace, livekitKeys, noon, openWorld, type Workspace } from '@outdial/dialing/testing'
import { assignPhoneNumber } from '@outdial/dialing/trunks/phone-numbers'
import { createClock } from '@outdial/service/clock'
import { listen } from '@outdial/service/http'
import { startSimulator } from '@outdial/simulator/simulator'
import { startApplying } from '../apply.ts'
import { createWebhooks } from '../webhooks.ts'

export type InboundWorld = Awaited<ReturnType<typeof openInboundWorld>>

const speed = 20

export async function openInboundWorld() {
  const settings = { speed, originMs: Date.now(), startMs: noon.getTime() }
  const clock = createClock(settings)
  let answer: (request: Request) => Response | Promise<Response> = () => new Response(null, { status: 503 })
  const server = await listen({ fetch: (request) => answer(request) }, { port: 0, host: '127.0.0.1' })
  const url = `http://127.0.0.1:${server.port}`
  const simulator = await startSimulator({
    ...{ port: 0, seed: 1, ...livekitKeys, webhookUrls: [`${url}/api/livekit/webhook`], webhookBackoffMs: 5 },
    ...{ speed, clockOriginMs: settings.originMs, clockStartMs: settings.startMs },
  })
  const world = await openWorld({ livekitUrl: simulator.url })
  const deps = { ...world.deps, clockSpeed: speed, agentReports: { baseUrl: url, secret: 'a secret for reports' } }
  const app = createWebhooks({ deps, clock, livekit: livekitKeys })
  answer = (request) => app.fetch(request)
  const applying = await startApplying(deps, clock)
  return {
    ...{ ...world, deps, clock, simulator },
    /** A number of a new workspace. */
    async addNumber(phoneNumber: string, answeredBy: 'agent' | 'person' = 'agent') {
      const workspace = await addWorkspace(world)
      const { assistantId, who } = workspace
      const greeting = { greeting: 'Hello {name}, this is Ann.', prompt: 'Help {name}.', questions: ['How many?'] }
      const told = { assistantEndCallUrl: 'https://crm.example.com/ended' }
      await changeAssistant(deps, who, { assistantId, changes: { ...greeting, ...told } })
      const number = await assignPhoneNumber({ ...deps, db: world.apiDeps.db }, who, {
        phoneNumber,
        assistantId,
        answeredBy,
        inbound: {},
      })
      return { ...workspace, number }
    },
    /** One round of what a scheduler does every second. */
    sweep: () => sweep(deps, clock.now()),
    control: (path: string, body: object, method = 'POST') => control(`${simulator.url}/_network${path}`, body, method),
    callIn: async (order: { from: string; to: string } & Record<string, unknown>) =>
      String((await control(`${simulator.url}/_network/inbound`, order)).roomName),
    async close() {
      await simulator.close()
      await applying.stop()
      await server.close()
      await world.close()
    },
    callOf: async (roomName: string) =>
      (await world.db.select().from(calls)).find((call) => call.roomName === roomName),
    noticesOf: async ({ who }: Workspace) => {
      const all = await world.db.select().from(notices)
      return all.filter((notice) => notice.workspaceId === who.workspaceId).toSorted((a, b) => (a.id < b.id ? -1 : 1))
    },
  }
}

async function control(url: string, body: object, method = 'POST'): Promise<Record<string, unknown>> {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method, headers, body: JSON.stringify(body) })
  const told = (await answer.json()) as Record<string, unknown>
  if (!answer.ok) throw new Error(JSON.stringify(told))
  return told
}

/** Looks, and lets a scheduler look, until it is so; fails after twenty seconds. */
export async function eventually<T>(world: InboundWorld, probe: () => Promise<T | undefined | false>): Promise<T> {
  const deadline = Date.now() + 20_000
  for (let round = 0; Date.now() < deadline; round += 1) {
    const found = await probe()
    if (found) return found
    if (round % 10 === 9) await world.sweep()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error('waited twenty seconds in vain')
}
