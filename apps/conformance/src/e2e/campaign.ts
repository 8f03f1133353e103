import { z } from 'zod'
import type { Installation } from './installation.ts'
import { type Person, retry } from './people.ts'

/** Between INVITEs of the campaign, at once on the trunk, and in a second on the trunk. */
export const limits = { callDelayMs: 400, maxConcurrency: 8, callsPerSecond: 4 }

/** The shortest that the product allows. */
export const ringTimeoutMs = 15_000

export const agentName = 'scripted-agent'
const fromNumber = '+12125550100'

const created = z.object({ id: z.string() })
const trunkMade = /\bST_\w+/

/** The trunk to the telephone, on LiveKit by the command line and in Outdial by the API. Returns LiveKit's id of it. */
export async function setUpTrunk({ outdial, api, phone }: Installation): Promise<string> {
  const address = ['--address', phone.address, '--transport', 'udp']
  const { code, output } = await outdial(
    'livekit',
    'trunk',
    'create',
    '--name',
    'sipp',
    '--number',
    fromNumber,
    ...address,
  )
  const livekitTrunkId = trunkMade.exec(output)?.[0]
  if (code !== 0 || !livekitTrunkId) throw new Error(`The trunk could not be made: ${output}`)
  const { callsPerSecond, maxConcurrency } = limits
  const trunk = { name: 'sipp', livekitTrunkId, numbers: [fromNumber], isDefault: true, rampUpSeconds: 0 }
  await api.post('/trunks', { ...trunk, callsPerSecond, maxConcurrency }, created)
  return livekitTrunkId
}

/** Its agent is the scripted one. Returns its id. */
export async function setUpAssistant({ api }: Installation): Promise<string> {
  return (
    await api.post('/assistants', { name: 'Ada', agentName, prompt: 'Call {name}.', greeting: 'Hello.' }, created)
  ).id
}

/** A campaign for these people at any hour. It calls nobody yet. */
export async function setUpCampaign(
  { api }: Installation,
  wish: { people: Person[]; assistantId: string; dailyCap: number; predialUrl: string },
): Promise<string> {
  const { people, assistantId, dailyCap, predialUrl } = wish
  // Unsuccessful numbers are called more often than the usual limit of three in a day allows.
  await api.patch('/workspace', { attemptLimit: null }, z.unknown())
  const { id: contactListId } = await api.post('/contact-lists', { name: 'People' }, created)
  const contacts = people.map(({ phoneNumber, name }) => ({ phoneNumber, name }))
  await api.post(
    `/contact-lists/${contactListId}/contacts`,
    { contacts },
    z.object({ accepted: z.literal(people.length) }),
  )
  const campaign = {
    ...{
      name: 'Everybody',
      assistantId,
      contactSource: 'contact_list',
      contactListId,
      campaignPrompt: 'Talk to {name}.',
    },
    // At any hour: nobody lives behind these numbers.
    ...{
      callingDays: days,
      startHour: 0,
      endHour: 0,
      timezone: 'UTC',
      localTime: 'campaign',
      jurisdictionRules: 'warn',
    },
    ...{ dailyCap, predialUrl, callDelayMs: limits.callDelayMs, ringTimeoutSeconds: ringTimeoutMs / 1_000 },
    ...{ retry, maxAttemptsPerContact: 5, maxAttemptsPerDay: 5, maxCallSeconds: 60 },
  }
  return (await api.post('/campaigns', campaign, created)).id
}

const days = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']

const standing = z.object({
  executionStatus: z.string(),
  contacts: z.object({ total: z.int(), waiting: z.int(), claimed: z.int(), finished: z.int() }),
  calls: z.object({ total: z.int(), pending: z.int(), calling: z.int(), answered: z.int() }),
  today: z.object({ dialed: z.int(), left: z.int().nullable() }),
  notCalling: z.object({ code: z.string(), reason: z.string() }).nullable(),
})
export type Standing = z.infer<typeof standing>

export function readStanding({ api }: Installation, campaignId: string): Promise<Standing> {
  return api.get(`/campaigns/${campaignId}/status`, standing)
}

export async function moveCampaign(
  { api }: Installation,
  campaignId: string,
  action: 'start' | 'pause' | 'resume',
): Promise<void> {
  await api.post(`/campaigns/${campaignId}/${action}`, undefined, z.unknown())
}
