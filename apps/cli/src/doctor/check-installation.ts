import type { LiveKit } from '@outdial/telephony/livekit'
import { z } from 'zod'
import type { ApiClient } from '../api/client.ts'
import type { Tell } from './finding.ts'

const trunkRow = z.object({
  name: z.string(),
  livekitTrunkId: z.string().nullable(),
  numbers: z.array(z.string()),
  isDefault: z.boolean(),
})
const phoneNumberRow = z.object({ phoneNumber: z.string(), livekitInboundTrunkId: z.string().nullable() })
const assistantRow = z.object({ name: z.string(), agentName: z.string().nullable() })
const notReady = z.object({ failed: z.array(z.object({ name: z.string(), error: z.string() })) })

/** The API is ready and opens with the key, and what the workspace has fits the LiveKit project. */
export async function checkInstallation(client: ApiClient, livekit: LiveKit | null, tell: Tell): Promise<void> {
  const trunks = await rowsOf(client.list('/trunks', trunkRow))
  tell('good', `the API at ${client.url} opens with the key`)
  const ready = await fetch(`${client.url}/readyz`, { signal: AbortSignal.timeout(5_000) })
  if (!ready.ok) {
    const told = notReady.safeParse(await ready.json().catch(() => null))
    const failed = told.success
      ? told.data.failed.map(({ name, error }) => `${name}: ${error}`).join('; ')
      : ready.status
    tell('wrong', `It is not ready: ${failed}`)
  }
  if (trunks.length === 0) tell('doubt', 'The workspace has no trunk. Tell it of one: POST /api/v1/trunks')
  else if (!trunks.some((each) => each.isDefault)) {
    tell('doubt', 'No trunk is the default: calls and campaigns have to name theirs, or their assistant has to.')
  }
  await compareTrunks(trunks, { livekit, tell })
  await compareNumbers(await rowsOf(client.list('/phone-numbers', phoneNumberRow)), { livekit, tell })
  const assistants = await rowsOf(client.list('/assistants', assistantRow))
  const agents = [...new Set(assistants.flatMap(({ agentName }) => agentName ?? []))]
  if (agents.length === 0) tell('doubt', 'No assistant names an agent. Create one: POST /api/v1/assistants')
  else tell('open', `Whether agents come: outdial doctor --agent ${agents[0]}`)
}

async function compareTrunks(
  trunks: z.output<typeof trunkRow>[],
  { livekit, tell }: { livekit: LiveKit | null; tell: Tell },
): Promise<void> {
  // LiveKit's own check tells of one that does not answer.
  const known = await livekit?.listOutboundTrunks().catch(() => null)
  if (!known) return
  for (const { name, livekitTrunkId, numbers } of trunks) {
    if (livekitTrunkId === null) continue
    const trunk = known.find((each) => each.livekitTrunkId === livekitTrunkId)
    const foreign = trunk ? numbers.filter((each) => !trunk.numbers.includes(each) && !trunk.numbers.includes('*')) : []
    if (!trunk) tell('wrong', `The trunk ${name} stands for ${livekitTrunkId}, which LiveKit does not have.`)
    else if (foreign.length > 0)
      tell('doubt', `LiveKit's ${livekitTrunkId} does not have ${foreign.join(', ')}, but ${name} does.`)
    else tell('good', `the trunk ${name} is ${livekitTrunkId}`)
  }
}

/** A call belongs to the number whose inbound trunk let it in: one without a number is nobody's. */
async function compareNumbers(
  numbers: z.output<typeof phoneNumberRow>[],
  { livekit, tell }: { livekit: LiveKit | null; tell: Tell },
): Promise<void> {
  const inbound = await livekit?.inbound.listTrunks().catch(() => null)
  if (!inbound) return
  for (const { phoneNumber, livekitInboundTrunkId: id } of numbers) {
    if (inbound.some((each) => each.livekitTrunkId === id)) tell('good', `calls to ${phoneNumber} are answered`)
    else
      tell(
        'wrong',
        `${phoneNumber} comes in by ${id}, which LiveKit does not have. Delete the number and assign it anew.`,
      )
  }
  for (const { livekitTrunkId, name } of inbound) {
    if (numbers.some((each) => each.livekitInboundTrunkId === livekitTrunkId)) continue
    const assign = 'Say who answers with POST /api/v1/phone-numbers and "livekitInboundTrunkId"'
    tell('doubt', `Calls to ${livekitTrunkId} (${name}) belong to no number of this workspace. ${assign}.`)
  }
}

async function rowsOf<T>(rows: AsyncGenerator<T>): Promise<T[]> {
  const all: T[] = []
  for await (const row of rows) all.push(row)
  return all
}
