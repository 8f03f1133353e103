import type { Tenant } from './prepare.ts'

/** Where a campaign stands, as its status tells it. */
export type Standing = {
  id: string
  executionStatus: string
  contacts: { total: number; waiting: number; claimed: number; finished: number }
  calls: Record<string, number>
  notCalling: { code: string; reason: string; until: string | null } | null
  window?: unknown
  today?: unknown
}

export async function standingOf({ requester }: Tenant, campaignId: string): Promise<Standing> {
  const path = `/campaigns/${campaignId}/status`
  const { status, body } = await requester.ask({ method: 'GET', path })
  if (status !== 200) throw new Error(`GET ${path} was answered ${status}: ${JSON.stringify(body)}`)
  return body as Standing
}

export async function oneOpenCall({ requester }: Tenant): Promise<string | undefined> {
  for (const status of ['calling', 'answered', 'pending']) {
    const { body } = await requester.ask({ method: 'GET', path: `/calls?status=${status}&limit=1` })
    const { data } = body as { data?: { id: string }[] }
    if (data?.[0]) return data[0].id
  }
  return undefined
}
