import { z } from 'zod'
import { type AgentWorker, startAgentWorker } from '../worker/agent-worker.ts'
import type { AgentJob, AgentScript } from '../worker/script.ts'
import { agentName } from './campaign.ts'
import { agentHz } from './conversation.ts'
import type { Installation } from './installation.ts'
import { scriptFor } from './people.ts'
import { staysPrefix } from './single-calls.ts'

/** The agent of the campaign. It makes a sound with `sounding` only, and records the first of them to `file`. */
export function startScriptedAgent(
  { livekit: { url, apiKey, apiSecret } }: Installation,
  { sounding, file }: { sounding: string[]; file: string },
): Promise<AgentWorker> {
  const scriptOf = (job: AgentJob): AgentScript => {
    const { phone_number: number, attempt, direction, metadata } = briefing.parse(JSON.parse(job.metadata))
    // These wait for what happens to the call, and leave with the callee.
    if (direction === 'inbound' || metadata.account_code.startsWith(staysPrefix)) return { ...usual, ending: 'stay' }
    const script = { ...usual, sound: sounding.includes(number), ...scriptFor(number, attempt) }
    return number === sounding[0] ? { ...script, talkMs: 2_000, listenMs: 500, recordTo: file } : script
  }
  return startAgentWorker({ url, apiKey, apiSecret, agentName, scriptOf })
}

const usual = { toneHz: agentHz, patienceMs: 20_000 }

/** Of what Outdial tells every agent; `doctor` tells nothing. */
const briefing = z.object({
  phone_number: z.string().default(''),
  attempt: z.int().default(1),
  direction: z.string().default('outbound'),
  metadata: z.object({ account_code: z.string().default('') }).default({ account_code: '' }),
})
