import type { TwilioStep } from '@outdial/telephony/twilio-trunk'
import { z } from 'zod'
import { created } from '../api/answers.ts'
import type { ApiClient } from '../api/client.ts'

export type TrunkToRegister = {
  name: string
  /** The domain of the carrier's trunk. */
  address: string
  numbers: string[]
  isSecure: boolean
  username: string
  /** Null where the carrier keeps one that nobody here knows. */
  password: string | null
}

const trunkRow = z.object({
  id: z.string(),
  numbers: z.array(z.string()),
  livekit: z.object({ address: z.string(), transport: z.string(), mediaEncryption: z.string() }).nullable(),
})

export type RegisteredTrunk = z.output<typeof trunkRow>

/** The trunks that Outdial made on LiveKit. @throws ApiError, so ask before anything is changed elsewhere */
export async function findRegistered(client: ApiClient): Promise<RegisteredTrunk[]> {
  const rows: RegisteredTrunk[] = []
  for await (const row of client.list('/trunks', trunkRow)) rows.push(row)
  return rows
}

type Context = {
  client: ApiClient
  registered: RegisteredTrunk[]
  isDryRun: boolean
  tell: (step: TwilioStep) => void
}

/** Has Outdial make the trunk on LiveKit, or adds what is missing. Returns its id; null where there is none. */
export async function registerTrunk(trunk: TrunkToRegister, context: Context): Promise<string | null> {
  const known = context.registered.find((each) => each.livekit?.address === trunk.address)
  return known ? completeTrunk(trunk, known, context) : createTrunk(trunk, context)
}

async function createTrunk(trunk: TrunkToRegister, { client, isDryRun, tell }: Context): Promise<string | null> {
  const { name, address, numbers, isSecure, username: authUsername, password: authPassword } = trunk
  if (authPassword === null) {
    const text = `Outdial has no trunk to ${address}, and the password of ${authUsername} is not known here.`
    tell({ kind: 'note', text: `${text} Run this again with --new-password.` })
    return null
  }
  tell({ kind: 'create', text: `trunk ${name} in Outdial and on LiveKit` })
  if (isDryRun) return null
  const security = isSecure ? secure : { transport: 'tcp' }
  const livekit = { address, ...security, authUsername, authPassword }
  const body = { name, provider: 'twilio', numbers, livekit }
  return (await client.post('/trunks', { body, answer: created })).id
}

async function completeTrunk(trunk: TrunkToRegister, known: RegisteredTrunk, context: Context): Promise<string> {
  const { id, numbers: before, livekit } = known
  const numbers = [...new Set([...before, ...trunk.numbers])]
  const isInsecure = trunk.isSecure && (livekit?.transport !== 'tls' || livekit.mediaEncryption !== 'require')
  const carrier = {
    ...(isInsecure && secure),
    ...(trunk.password !== null && { authUsername: trunk.username, authPassword: trunk.password }),
  }
  const named = [
    ...(numbers.length > before.length ? ['numbers'] : []),
    ...(isInsecure ? ['security'] : []),
    ...(trunk.password === null ? [] : ['password']),
  ]
  if (named.length === 0) {
    context.tell({ kind: 'there', text: `trunk ${id} in Outdial and on LiveKit` })
    return id
  }
  context.tell({ kind: 'change', text: `trunk ${id} in Outdial and on LiveKit: ${named.join(', ')}` })
  if (context.isDryRun) return id
  const body = { numbers, ...(Object.keys(carrier).length > 0 && { livekit: carrier }) }
  await context.client.patch(`/trunks/${id}`, { body, answer: created })
  return id
}

const secure = { transport: 'tls', mediaEncryption: 'require' }
