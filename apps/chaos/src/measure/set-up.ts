/** What a measurement calls: trunks, lists and campaigns through the API, and people who do what is wanted of them. */
import { z } from 'zod'
import type { World } from '../world/world.ts'

const created = z.object({ id: z.string() })
const added = z.object({ accepted: z.int() })
const moved = z.object({ executionStatus: z.string() })

export type Trunk = { id: string; livekitTrunkId: string }
export type TrunkLimits = { callsPerSecond: number; maxConcurrency: number; rampUpSeconds: number }

/** The limits of one of the world's LiveKit trunks, as its first workspace sets them. */
export async function setUpTrunk(world: World, limits: TrunkLimits, index = 0): Promise<Trunk> {
  const trunk = world.livekitTrunks[index]
  if (!trunk) throw new Error(`the world has no LiveKit trunk number ${index + 1}: ask for more`)
  const body = { name: `Trunk ${index + 1}`, livekitTrunkId: trunk.id, numbers: trunk.numbers, ...limits }
  const { id } = await apiOf(world).post('/trunks', body, created)
  return { id, livekitTrunkId: trunk.id }
}

export type CampaignWish = { name: string; trunk: Trunk; numbers: string[]; settings?: object }

/** A campaign around the clock that calls each number once. It calls nobody yet. */
export async function setUpCampaign(world: World, { name, trunk, numbers, settings }: CampaignWish): Promise<string> {
  const api = apiOf(world)
  const { id: contactListId } = await api.post('/contact-lists', { name }, created)
  const contacts = numbers.map((phoneNumber) => ({ phoneNumber }))
  const { accepted } = await api.post(`/contact-lists/${contactListId}/contacts`, { contacts }, added)
  if (accepted !== numbers.length) throw new Error(`only ${accepted} of ${numbers.length} numbers were accepted`)
  const { id: assistantId } = await api.post('/assistants', { name, agentName: 'measured-agent' }, created)
  const campaign = {
    ...{ name, assistantId, trunkId: trunk.id, contactSource: 'contact_list', contactListId },
    ...{ callingDays: everyDay, startHour: 0, endHour: 0, timezone: 'UTC', localTime: 'campaign' },
    // At any hour: nobody lives behind these numbers.
    jurisdictionRules: 'warn',
    ...{ callDelayMs: 0, retry: {}, maxAttemptsPerContact: 1, ...settings },
  }
  return (await api.post('/campaigns', campaign, created)).id
}

export async function moveCampaign(
  world: World,
  campaignId: string,
  action: 'start' | 'pause' | 'resume' | 'stop',
): Promise<void> {
  await apiOf(world).post(`/campaigns/${campaignId}/${action}`, action === 'stop' ? {} : undefined, moved)
}

export type Person = { behaviour: string; ringMs?: number; talkMs?: number }

/** What happens when these numbers are called. */
export async function teach(world: World, numbers: string[], person: (index: number) => Person): Promise<void> {
  const atOnce = 50
  for (let from = 0; from < numbers.length; from += atOnce) {
    const part = numbers.slice(from, from + atOnce)
    await Promise.all(
      part.map((number, index) => world.simulator.control('POST', '/numbers', { number, ...person(from + index) })),
    )
  }
}

const apiOf = (world: World) => {
  const [workspace] = world.workspaces
  if (!workspace) throw new Error('the world has no workspace')
  return workspace.api
}

const everyDay = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']
