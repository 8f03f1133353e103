import type { UserAction } from '../plan/users.ts'
import { oneOpenCall } from './look.ts'
import type { Tenant } from './prepare.ts'
import type { Request } from './requests.ts'

/** What a user saw: the status of the answer, or that something is wrong with it. */
export type Acted = { status: number; problem?: string }

/**
 * Does over the API what the plan says. Refusals that a user may meet, such as starting what runs, are fine. A 4xx
 * that nobody could meet is a problem, and so are two answers to one request.
 */
export async function act(tenant: Tenant, action: UserAction): Promise<Acted> {
  const request = await requestFor(tenant, action)
  if (!request) return { status: 0 }
  const { requester } = tenant
  const { answer, differs } = action.twice
    ? await requester.askTwice(request)
    : { answer: await requester.ask(request) }
  if (differs) return { status: answer.status, problem: `one request got two answers. ${differs}` }
  const expected =
    answer.status < 300 || answer.status === 409 || (answer.status === 404 && request.method === 'DELETE')
  if (expected || isSuppressed(action, answer.body)) return { status: answer.status }
  const { method, path, body } = request
  const asked = `${method} ${path} ${JSON.stringify(body ?? null)}`
  return { status: answer.status, problem: `${asked} was answered ${answer.status}: ${JSON.stringify(answer.body)}` }
}

async function requestFor(tenant: Tenant, action: UserAction): Promise<Request | undefined> {
  switch (action.kind) {
    case 'pause':
    case 'resume':
    case 'start':
      return { method: 'POST', path: `/campaigns/${tenant.campaignIds[action.campaign]}/${action.kind}` }
    case 'stop': {
      const body = { hangUpLiveCalls: action.hangUpLiveCalls }
      return { method: 'POST', path: `/campaigns/${tenant.campaignIds[action.campaign]}/stop`, body }
    }
    case 'edit':
      return { method: 'PATCH', path: `/campaigns/${tenant.campaignIds[action.campaign]}`, body: action.patch }
    case 'edit_trunk':
      return { method: 'PATCH', path: `/trunks/${tenant.trunkIds[action.trunk]}`, body: action.patch }
    case 'append': {
      const path = `/contact-lists/${tenant.listIds[action.list]}/contacts`
      return { method: 'POST', path, body: { contacts: action.people } }
    }
    case 'suppress':
      return { method: 'POST', path: '/suppressions', body: { phoneNumber: action.phoneNumber } }
    case 'unsuppress': {
      const id = await findSuppression(tenant, action.phoneNumber)
      return id === undefined ? undefined : { method: 'DELETE', path: `/suppressions/${id}` }
    }
    case 'single_call': {
      const { assistantId, trunkIds } = tenant
      const body = { phoneNumber: action.phoneNumber, assistantId, trunkId: trunkIds[action.trunk], ignoreWindow: true }
      return { method: 'POST', path: '/outbound-calls/initiate', body }
    }
    case 'hang_up': {
      const id = await oneOpenCall(tenant)
      return id === undefined ? undefined : { method: 'POST', path: `/outbound-calls/${id}/hangup` }
    }
  }
}

function isSuppressed(action: UserAction, body: unknown): boolean {
  return action.kind === 'single_call' && JSON.stringify(body).includes('"suppressed"')
}

async function findSuppression({ requester }: Tenant, phoneNumber: string): Promise<string | undefined> {
  const { body } = await requester.ask({ method: 'GET', path: '/suppressions?limit=200' })
  const { data } = body as { data?: { id: string; phoneNumber: string }[] }
  return data?.find((each) => each.phoneNumber === phoneNumber)?.id
}
