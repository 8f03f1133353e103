import { calls } from '@outdial/database/schema/calls'
import { contacts } from '@outdial/database/schema/contacts'
import { eq } from 'drizzle-orm'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { initiateCall } from '../calls/initiate-call.ts'
import { isReportToken } from '../calls/report-token.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import {
  addCampaign,
  addWorkspace,
  callsOf,
  noon,
  one,
  openWorld,
  start,
  type Workspace,
  type World,
} from '../testing.ts'
import { dispatchMetadata } from './dispatch-metadata.ts'
import { permitCall } from './permit.ts'

const agentReports = { baseUrl: 'https://dialer.example.com', secret: 'a secret of at least 32 characters' }

let world: World
let workspace: Workspace
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())
beforeEach(async () => {
  workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
})

/** What the agent of a waiting call would get. */
async function dispatchOf(callId: string): Promise<Record<string, unknown>> {
  const permit = await permitCall(world.deps, { callId, now: noon })
  if (permit.kind !== 'permitted') throw new Error(`expected a permit, got ${permit.kind}`)
  return JSON.parse(dispatchMetadata(permit.dial, agentReports))
}

describe('the dispatch of a call', () => {
  it("has the campaign's words filled for the contact, and where to report", async () => {
    const { campaignId } = await addCampaign(world, workspace, {
      contacts: 1,
      settings: {
        campaignPrompt: 'Ask {name} of {{city}} about {product}.',
        questions: ['Still in {city}?', 'Since when?'],
        aiDisclosure: 'This is an automated call for {name}.',
        metadata: { product: 'shoes', account_code: 'A1' },
        voicemail: 'leave_message',
        voicemailMessage: 'Call us in {town}.',
        placeholderDefaults: { town: 'Rome' },
      },
    })
    await world.db.update(contacts).set({ variables: { City: 'Oslo' }, name: 'Ada' })
    await start(world, workspace, campaignId)
    await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
    const call = one((await callsOf(world, { campaignId }))[0])
    const { report, ...told } = await dispatchOf(call.id)
    expect(told).toMatchObject({
      ...{ call_id: call.id, campaign_id: campaignId, assistant_id: workspace.assistantId, attempt: 1 },
      ...{ phone_number: call.phoneNumber, recipient_name: 'Ada', prompt: 'Ask Ada of Oslo about shoes.' },
      ...{ questions: ['Still in Oslo?', 'Since when?'], question: 'Still in Oslo?' },
      ai_disclosure: 'This is an automated call for Ada.',
      ...{ voicemail: 'leave_message', voicemail_message: 'Call us in Rome.' },
      ...{ variables: { City: 'Oslo' }, metadata: { product: 'shoes', account_code: 'A1' } },
    })
    const { url, token } = report as { url: string; token: string }
    expect(url).toBe(`https://dialer.example.com/api/agent/calls/${call.id}/report`)
    expect(isReportToken(token, { secret: agentReports.secret, callId: call.id })).toBe(true)
  })

  it('has the questions and variables that a single call brings along', async () => {
    const { id } = await initiateCall(world.apiDeps, workspace.who, {
      assistantId: workspace.assistantId,
      phoneNumber: '+15551230000',
      contactName: 'Bob',
      metadata: { questions: ['Is {name} from {city}?'], variables: { city: 'Bonn' } },
      ignoreWindow: true,
    })
    await world.db.update(calls).set({ startsAt: noon }).where(eq(calls.id, id))
    expect(await dispatchOf(id)).toMatchObject({
      ...{ recipient_name: 'Bob', campaign_id: null, questions: ['Is Bob from Bonn?'], variables: { city: 'Bonn' } },
      ...{ question: 'Is Bob from Bonn?', voicemail: 'hangup', voicemail_message: '' },
    })
  })
})
