import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { LiveKit } from '@outdial/telephony/livekit'
import type { Callee, SeenCall, Target } from './target.ts'
import { TwirpApi } from './twirp-api.ts'
import { WebhookInbox } from './webhook-inbox.ts'

const keys = { apiKey: 'devkey', apiSecret: 'a-secret-of-the-conformance-suite' }

/** The simulator in this process, `speed` times as fast as the real thing. */
export async function openSimulatorTarget({ speed }: { speed: number }): Promise<Target> {
  const inbox = await WebhookInbox.open()
  inbox.trust(keys)
  const simulator = await startSimulator({
    ...keys,
    ...{ port: 0, speed, clockOriginMs: Date.now(), seed: 1, webhookUrls: [inbox.url] },
  })
  const numbers = new Map<Callee, string>()
  const toRealMs = (clockMs: number) => clockMs / speed
  return {
    name: 'simulator',
    versions: {},
    livekit: new LiveKit({ url: simulator.url, ...keys, toRealMs }),
    api: new TwirpApi({ url: simulator.url, ...keys }),
    inbox,
    phoneAddress: 'sip.simulator.test',
    async numberOf(callee) {
      const known = numbers.get(callee)
      if (known) return known
      const number = `+1500556${String(1000 + numbers.size)}`
      numbers.set(callee, number)
      await control(simulator, { path: '/numbers', body: { number, ...behaviourOf(callee) } })
      return number
    },
    calls: async () => simulator.ledger().calls.map(toSeenCall),
    toRealMs,
    startWorker: async () => ({ close: async () => {} }),
    callIn: async ({ from, to, patienceMs, talkMs }) => {
      await control(simulator, { path: '/inbound', body: { from, to, patienceMs, talkMs, endedBy: 'callee' } })
    },
    async close() {
      await simulator.close()
      await inbox.close()
    },
  }
}

/** How long the two who answer let it ring; long enough that a look at the room sees it. */
const ringMs = 4_000

function behaviourOf(callee: Callee) {
  if (callee === 'answers' || callee === 'early_media')
    return { behaviour: 'hangs_up_mid_call', ringMs, talkMs: 600_000 }
  if (callee === 'answers_and_hangs_up') return { behaviour: 'hangs_up_mid_call', ringMs, talkMs: 15_000 }
  if (callee === 'answers_despite_cancel') return { behaviour: 'no_answer' }
  return { behaviour: callee }
}

function toSeenCall(call: ReturnType<Simulator['ledger']>['calls'][number]): SeenCall {
  const ms = (moment: { at: string } | undefined) => (moment ? Date.parse(moment.at) : undefined)
  const { to, from, ending, sipStatus, hungUpBy, displayName } = call
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(call.headers)) headers[name.toLowerCase()] = value
  return {
    ...{ to, from, ending, sipStatus, displayName, headers },
    invitedMs: Date.parse(call.invited.at),
    ringingMs: ms(call.ringing),
    answeredMs: ms(call.answered),
    endedMs: ms(call.ended),
    hungUpBy: ending === 'hung_up' ? (hungUpBy === 'callee' ? 'callee' : 'caller') : undefined,
  }
}

async function control(simulator: Simulator, { path, body }: { path: string; body: object }): Promise<void> {
  const response = await fetch(`${simulator.url}/_network${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (!response.ok) throw new Error(`The simulator refused ${path}: ${await response.text()}`)
}
