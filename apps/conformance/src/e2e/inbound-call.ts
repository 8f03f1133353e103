import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { AgentWorker } from '../worker/agent-worker.ts'
import type { Check } from './checks.ts'
import type { Installation } from './installation.ts'

const ownNumber = '+12125550177'
const caller = '+13125550199'
const patienceMs = 20_000

const created = z.object({ id: z.string() })
const callRow = z.object({ status: z.string(), disposition: z.string().nullable(), phoneNumber: z.string() })

/** Somebody calls a number that is assigned to the assistant: its agent answers, and the call is in the history. */
export async function checkInboundCall(
  { api, phone, livekit }: Installation,
  { assistantId, worker }: { assistantId: string; worker: AgentWorker },
): Promise<Check> {
  const name = 'a caller is answered by the agent, and the call is in the history'
  await api.post('/phone-numbers', { phoneNumber: ownNumber, assistantId, answeredBy: 'agent' }, created)
  const line = await phone.callIn({
    sipAddress: livekit.sipAddress,
    from: caller,
    to: ownNumber,
    talkMs: 1_500,
    patienceMs,
  })
  try {
    const seen = await line.over()
    const history = await waitForEnd(() => api.list('/calls?direction=inbound', callRow))
    const [call] = history
    const story = worker.stories().find(({ job }) => job.roomName.startsWith('inbound-'))
    const problems = [
      ...(seen.answered ? [] : [`the caller got ${seen.sipStatus ?? 'no answer'} ${seen.sipReason ?? ''}`]),
      ...(story?.joinedMs ? [] : ['no agent came']),
      ...(call?.disposition === 'completed' && call.phoneNumber === caller
        ? []
        : [`the history has ${JSON.stringify(history)}`]),
    ]
    const afterMs = Math.round((seen.answered?.realMs ?? 0) - (seen.invited?.realMs ?? 0))
    return { name, problems, ...(seen.answered && { facts: `answered after ${afterMs} ms` }) }
  } finally {
    await line.stop()
  }
}

async function waitForEnd<T extends { disposition: string | null }>(look: () => Promise<T[]>): Promise<T[]> {
  const deadlineMs = Date.now() + patienceMs
  for (;;) {
    const rows = await look()
    if (Date.now() > deadlineMs || rows.some(({ disposition }) => disposition !== null)) return rows
    await delay(200)
  }
}
