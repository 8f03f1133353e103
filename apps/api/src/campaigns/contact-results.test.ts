import { contacts } from '@outdial/database/schema/contacts'
import { claimForLane } from '@outdial/dialing/claim/claim-for-lane'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  noon,
  permitAll,
  start,
  tell,
  type Workspace,
} from '@outdial/dialing/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, openApiWorld } from '../testing/api-world.ts'

let world: ApiWorld
let workspace: Workspace
let client: Client

beforeAll(async () => {
  world = await openApiWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world, { callsPerSecond: 1, maxConcurrency: 1 })
  client = await world.openClient(workspace.who.workspaceId)
  world.clock.at = noon
})

/** Three contacts, of whom the first was talked to. */
async function runCampaign(): Promise<string> {
  const { campaignId } = await addCampaign(world, workspace, { contacts: 3 })
  const variables = { city: 'Rome', '=plan': '@gold' }
  await world.db.update(contacts).set({ variables, externalId: null })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  await permitAll(world, campaignId, noon)
  const [call] = await callsOf(world, { campaignId })
  const callId = call?.id ?? ''
  await tell(world, callId, { kind: 'answered', at: after(5_000) })
  await tell(world, callId, { kind: 'agent_report', at: after(8_000), outcome: 'interested', summary: '-5; =1+1' })
  await tell(world, callId, { kind: 'leg_left', at: after(9_000), reason: 'left', wasAnswered: true })
  return campaignId
}

const exportOf = async (path: string, as: Client = client) => {
  const answer = await as.send('GET', `/campaigns/${path}`)
  return { ...answer, lines: answer.text.split('\r\n').filter(Boolean) }
}

describe('the contacts of a campaign as CSV', () => {
  it('have what came of each, and their own columns, with nothing to run', async () => {
    const { headers, lines } = await exportOf(`${await runCampaign()}/contacts?format=csv`)
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(lines).toHaveLength(4)
    expect(lines[0]).toBe(
      'id,externalId,name,phoneNumber,state,finishReason,attempts,dueAt,' +
        "lastCallAt,lastDisposition,lastOutcome,lastSummary,'=plan,city",
    )
    const called = lines.filter((line) => line.includes('finished'))
    expect(called).toEqual([
      expect.stringMatching(
        /^[\da-f-]{36},,Contact \+\d+,'\+\d+,finished,completed,1,,2026-03-02T12:00:00.000Z,completed,interested,"'-5; '=1\+1",'@gold,Rome$/,
      ),
    ])
    expect(lines.filter((line) => /,waiting,,0,2026-[^,]+,,,,,'@gold,Rome$/.test(line))).toHaveLength(2)
  })

  it('can be of one state only, and also asked for by Accept', async () => {
    const campaignId = await runCampaign()
    expect((await exportOf(`${campaignId}/contacts?format=csv&state=waiting`)).lines).toHaveLength(3)
    const accepted = await client.send('GET', `/campaigns/${campaignId}/contacts`, { headers: { accept: 'text/csv' } })
    expect(accepted.text).toContain("'=plan")
    expect((await client.send('GET', `/campaigns/${campaignId}/contacts?format=json`)).body.data).toHaveLength(3)
  })

  it('are all there, however many, each once', async () => {
    const { campaignId } = await addCampaign(world, workspace, { contacts: 4_500 })
    const { lines } = await exportOf(`${campaignId}/contacts?format=csv&limit=1`)
    expect(new Set(lines.map((line) => line.split(',')[0])).size).toBe(4_501)
  })

  it('are 404 for strangers, and refused in other formats', async () => {
    const campaignId = await runCampaign()
    expect((await exportOf(`${campaignId}/contacts?format=csv`, await world.openClient())).status).toBe(404)
    expect(await exportOf(`${campaignId}/contacts?format=xls`)).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'format' }] },
    })
  })
})
