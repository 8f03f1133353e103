/** A world for tests in which telephones ring: its LiveKit is a simulator, whose webhooks nobody hears. */
import { type SimulatorOptions, startSimulator } from '@outdial/simulator/simulator'
import { livekitKeys, openWorld } from './testing.ts'

/** The one that `addWorkspace` gives its workspace. */
const trunk = { sipTrunkId: 'ST_test', address: 'sip.example.com', numbers: ['+14155550100'] }

export type SimulatedWorld = Awaited<ReturnType<typeof openSimulatedWorld>>

/** In real time, on one trunk, unless `project` says otherwise. */
export async function openSimulatedWorld(project: Partial<SimulatorOptions> = {}) {
  const usual = { port: 0, speed: 1, clockOriginMs: Date.now(), seed: 1, webhookUrls: [], trunks: [trunk] }
  const simulator = await startSimulator({ ...usual, ...livekitKeys, ...project })
  const world = await openWorld({ livekitUrl: simulator.url })
  return {
    ...{ ...world, simulator },
    /** Tells the telephone network what to do, at `/_network/…`. */
    async teach(path: string, body: object): Promise<void> {
      const headers = { 'content-type': 'application/json' }
      const url = `${simulator.url}/_network/${path}`
      const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(await answer.text())
    },
    async close() {
      await world.close()
      await simulator.close()
    },
  }
}
