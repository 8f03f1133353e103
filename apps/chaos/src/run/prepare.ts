import type { Plan } from '../plan/plan.ts'
import type { CampaignPlan, WorkspacePlan } from '../plan/workspaces.ts'
import type { World } from '../world/world.ts'
import { createRequester, type Request, type Requester } from './requests.ts'

/** What a workspace of the plan became: ids in the order of the plan. */
export type Tenant = {
  requester: Requester
  assistantId: string
  trunkIds: string[]
  listIds: string[]
  campaignIds: string[]
}

/** Makes everything that the plan names, over the API; nothing is started. */
export async function prepare(world: World, plan: Plan): Promise<Tenant[]> {
  await Promise.all(plan.numbers.map((number) => world.simulator.control('POST', '/numbers', number)))
  let used = 0
  return Promise.all(
    plan.workspaces.map((workspace, index) => {
      const livekitTrunks = world.livekitTrunks.slice(used, used + workspace.trunks.length)
      used += workspace.trunks.length
      return prepareTenant(createRequester(world, index), { plan: workspace, livekitTrunks })
    }),
  )
}

export function countTrunks({ workspaces }: Plan): number {
  return workspaces.reduce((sum, { trunks }) => sum + trunks.length, 0)
}

async function prepareTenant(
  requester: Requester,
  { plan, livekitTrunks }: { plan: WorkspacePlan; livekitTrunks: World['livekitTrunks'] },
): Promise<Tenant> {
  await expectId(requester, { method: 'PATCH', path: '/workspace', body: { attemptLimit: plan.attemptLimit } })
  const assistant = { name: 'Ada', agentName: 'outdial-agent', prompt: 'Call {name}.', greeting: 'Hello.' }
  const assistantId = await expectId(requester, { method: 'POST', path: '/assistants', body: assistant })
  const trunkIds = await Promise.all(
    plan.trunks.map((trunk, index) => {
      const { id, numbers } = livekitTrunks[index] ?? { id: '', numbers: [] }
      const body = { ...trunk, livekitTrunkId: id, numbers, isDefault: index === 0 }
      return expectId(requester, { method: 'POST', path: '/trunks', body })
    }),
  )
  const listIds = await Promise.all(
    plan.lists.map(async (contacts, index) => {
      const list = { name: `${plan.name}L${index + 1}` }
      const id = await expectId(requester, { method: 'POST', path: '/contact-lists', body: list })
      await expectFine(requester, { method: 'POST', path: `/contact-lists/${id}/contacts`, body: { contacts } })
      return id
    }),
  )
  const suppressions = { phoneNumbers: plan.suppressed, reason: 'asked for it long ago' }
  await expectFine(requester, { method: 'POST', path: '/suppressions', body: suppressions })
  const campaignIds = await Promise.all(
    plan.campaigns.map((campaign) => {
      const body = settingsOf(campaign, { assistantId, trunkIds, listIds })
      return expectId(requester, { method: 'POST', path: '/campaigns', body })
    }),
  )
  return { requester, assistantId, trunkIds, listIds, campaignIds }
}

function settingsOf(
  { name, trunk, list, hours, limits, voicemail }: CampaignPlan,
  { assistantId, trunkIds, listIds }: Pick<Tenant, 'assistantId' | 'trunkIds' | 'listIds'>,
): object {
  const { windows, callingDays, startHour, endHour, ...rest } = hours
  const fullHours = windows.length > 0 ? { windows } : { callingDays, startHour, endHour }
  const references = {
    assistantId,
    trunkId: trunkIds[trunk],
    contactSource: 'contact_list',
    contactListId: listIds[list],
  }
  const prompt = { campaignPrompt: 'Talk to {name}.', placeholderDefaults: { name: 'whoever answers' } }
  return { name, ...references, ...prompt, ...rest, ...fullHours, ...limits, voicemail }
}

async function expectId(requester: Requester, request: Request): Promise<string> {
  const body = await expectFine(requester, request)
  return typeof body === 'object' && body !== null && 'id' in body ? String(body.id) : ''
}

async function expectFine(requester: Requester, request: Request): Promise<unknown> {
  const { status, body } = await requester.ask(request)
  if (status < 300) return body
  throw new Error(`${request.method} ${request.path} was answered ${status}: ${JSON.stringify(body)}`)
}
