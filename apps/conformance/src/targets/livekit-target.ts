import { LiveKit } from '@outdial/telephony/livekit'
import { type PhoneBehaviour, phoneBehaviours } from '../phone/behaviours.ts'
import type { Caller } from '../phone/caller.ts'
import { startPhone } from '../phone/phone.ts'
import type { PhoneCall } from '../phone/phone-calls.ts'
import { startRealLiveKit } from '../servers/real-livekit.ts'
import { startAgentWorker } from '../worker/agent-worker.ts'
import type { Callee, SeenCall, Target } from './target.ts'
import { TwirpApi } from './twirp-api.ts'
import { livekitVersions } from './versions.ts'
import { WebhookInbox } from './webhook-inbox.ts'

/**
 * Redis, livekit-server, livekit-sip and sipp on this machine.
 * @throws MissingProgramsError
 */
export async function openLiveKitTarget(options: { directory?: string } = {}): Promise<Target> {
  const inbox = await WebhookInbox.open()
  const phone = await startPhone({
    ...(options.directory && { directory: `${options.directory}/phone` }),
    ringMs: 1_500,
    talkMs: 2_000,
  })
  const server = await startRealLiveKit({ ...options, webhookUrls: [inbox.url] })
  const { apiKey, apiSecret } = server
  inbox.trust({ apiKey, apiSecret })
  const connection = { url: server.url.replace(/^ws/, 'http'), apiKey, apiSecret }
  const callers: Caller[] = []
  return {
    name: 'livekit',
    versions: await livekitVersions(),
    livekit: new LiveKit(connection),
    api: new TwirpApi(connection),
    inbox,
    phoneAddress: phone.address,
    numberOf: async (callee) => `+150055500${phoneBehaviours[behaviourOf(callee)].code}`,
    calls: async () => (await phone.calls()).map(toSeenCall),
    toRealMs: (clockMs) => clockMs,
    startWorker: (agentName) =>
      startAgentWorker({ url: server.url, apiKey, apiSecret, agentName, scriptOf: justStays }),
    callIn: async (call) => {
      callers.push(await phone.callIn({ sipAddress: server.sipAddress, ...call }))
    },
    async close() {
      for (const caller of callers) await caller.stop()
      await phone.stop()
      await server.stop()
      await inbox.close()
    },
  }
}

const justStays = () => ({ talkMs: 0, ending: 'stay' }) as const

function behaviourOf(callee: Callee): PhoneBehaviour {
  return callee === 'answers_and_hangs_up' ? 'hangs_up_mid_call' : callee
}

function toSeenCall(call: PhoneCall): SeenCall {
  const { to, from, ending, sipStatus, hungUpBy, displayName, headers } = call
  return {
    ...{ to, from, ending, sipStatus, displayName, headers },
    invitedMs: call.invited.realMs,
    ringingMs: call.ringing?.realMs,
    answeredMs: call.answered?.realMs,
    endedMs: call.ended?.realMs,
    hungUpBy: ending === 'hung_up' ? (hungUpBy === 'callee' ? 'callee' : 'caller') : undefined,
  }
}
