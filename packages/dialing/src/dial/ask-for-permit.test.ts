import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { campaignContacts } from '@outdial/database/schema/campaigns'
import { suppressions } from '@outdial/database/schema/contacts'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { releaseCall } from '../calls/release-call.ts'
import { readCampaignContact } from '../campaigns/explain-contact.ts'
import { claimForLane } from '../claim/claim-for-lane.ts'
import type { Deps } from '../deps.ts'
import {
  addCampaign,
  addWorkspace,
  after,
  callsOf,
  contactsOf,
  noon,
  one,
  openWorld,
  runtimeOf,
  start,
  type Workspace,
  type World,
} from '../testing.ts'
import { askForPermit } from './ask-for-permit.ts'

type Answer = { status?: number; body?: unknown; text?: string }

let world: World
let deps: Deps
let workspace: Workspace
let server: Server
let url: string
let asked: Record<string, unknown>[]
let answer: Answer
/** Runs while the address is being asked. */
let meanwhile: () => Promise<unknown>

beforeAll(async () => {
  world = await openWorld()
  deps = { ...world.deps, allowPrivateNotices: true }
  server = createServer((request, response) => {
    void readAll(request).then(async (text) => {
      asked.push(JSON.parse(text))
      await meanwhile()
      response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
      response.end(answer.text ?? JSON.stringify(answer.body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/before`
})
afterAll(async () => {
  server.close()
  await world.close()
})
beforeEach(async () => {
  workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  asked = []
  answer = { body: { dial: true } }
  meanwhile = async () => {}
})
afterEach(async () => {
  await world.db.delete(suppressions)
})

async function readAll(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Claimed calls of a campaign that asks first. */
async function claimCalls(contacts = 1): Promise<{ campaignId: string; ids: string[] }> {
  const settings = { predialUrl: url, metadata: { account_code: 'A1' } }
  const { campaignId } = await addCampaign(world, workspace, { contacts, settings })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  return { campaignId, ids: (await callsOf(world, { campaignId })).map((call) => call.id) }
}

const permit = (callId: string) => askForPermit(deps, { callId, now: () => after(1_000) })

/** As the dial worker does with what it got. */
async function permitOrRelease(callId: string) {
  const permitted = await permit(callId)
  if (permitted.kind === 'refused') await releaseCall(world.deps, { callId, ...permitted, now: after(1_000) })
  return permitted
}

describe('a pre-dial address', () => {
  it('is told whom the call is for, and its yes is the permit', async () => {
    const { campaignId, ids } = await claimCalls()
    expect(await permit(ids[0] ?? '')).toMatchObject({ kind: 'permitted', dial: { call: { status: 'calling' } } })
    const call = one((await callsOf(world, { campaignId }))[0])
    expect(asked).toEqual([
      expect.objectContaining({
        ...{ call_id: call.id, campaign_id: campaignId, contact_id: call.contactId, attempt: 1, external_id: null },
        ...{ phone_number: call.phoneNumber, contact_name: call.contactName, metadata: { account_code: 'A1' } },
      }),
    ])
  })

  it('gives the call variables and metadata of its own', async () => {
    answer = { body: { dial: true, variables: { balance: 12.5 }, metadata: { 'account\0_code': 'B2\0' }, more: 1 } }
    const { ids } = await claimCalls()
    expect(await permit(ids[0] ?? '')).toMatchObject({
      kind: 'permitted',
      dial: { call: { metadata: { account_code: 'B2', variables: { balance: 12.5 } } } },
    })
  })

  it('may say no for good: the contact is finished, without an attempt', async () => {
    answer = { body: { dial: false, reason: 'Has paid.' } }
    const { campaignId, ids } = await claimCalls()
    const refused = await permitOrRelease(ids[0] ?? '')
    expect(refused).toEqual({
      kind: 'refused',
      finish: 'predial',
      reason: 'The pre-dial address said not to call: Has paid.',
    })
    const contact = one((await contactsOf(world, campaignId))[0])
    expect(contact).toMatchObject({ state: 'finished', finishReason: 'predial', attempts: 0 })
    expect(await runtimeOf(world, campaignId)).toMatchObject({ contactsFinished: 1, contactsClaimed: 0 })
    const whose = { campaignId, contactId: contact.contactId }
    const { why } = await readCampaignContact(world.apiDeps, workspace.who, whose)
    expect(why).toEqual({ code: 'predial', reason: expect.stringContaining('Has paid.'), until: null })
  })

  it.each([
    ['2026-03-05T10:00:00Z', '2026-03-05T10:00:00.000Z'],
    ['2020-01-01T00:00:00Z', after(61_000).toISOString()],
  ])('may say no until %s', async (until, dueAt) => {
    answer = { body: { dial: false, call_again_at: until } }
    const { campaignId, ids } = await claimCalls()
    await permitOrRelease(ids[0] ?? '')
    const contact = one((await contactsOf(world, campaignId))[0])
    expect(contact).toMatchObject({ state: 'waiting', attempts: 0, dueAt: new Date(dueAt) })
  })

  it('is not asked where the call is not to be made anyway, nor for campaigns without one', async () => {
    const { ids } = await claimCalls()
    const { phoneNumber } = one((await callsOf(world)).find((call) => call.id === ids[0]))
    await world.db.insert(suppressions).values({ workspaceId: workspace.who.workspaceId, phoneNumber, source: 'api' })
    expect(await permit(ids[0] ?? '')).toMatchObject({ kind: 'refused', finish: 'suppressed' })
    expect(asked).toEqual([])
  })

  it('does not outweigh what changed while it was asked', async () => {
    const { ids } = await claimCalls()
    const { phoneNumber } = one((await callsOf(world)).find((call) => call.id === ids[0]))
    const { workspaceId } = workspace.who
    meanwhile = () => world.db.insert(suppressions).values({ workspaceId, phoneNumber, source: 'api' })
    expect(await permit(ids[0] ?? '')).toMatchObject({ kind: 'refused', finish: 'suppressed' })
    expect(asked).toHaveLength(1)
  })

  it('gives one permit, however many ask', async () => {
    const { ids } = await claimCalls()
    const permits = await Promise.all([permit(ids[0] ?? ''), permit(ids[0] ?? '')])
    expect(permits.map(({ kind }) => kind).toSorted()).toEqual(['gone', 'permitted'])
  })
})

describe('without a usable answer nobody is called', () => {
  it.each<[Answer, string]>([
    [{ status: 500 }, 'It answered 500.'],
    [{ status: 302 }, 'redirect'],
    [{ text: 'ok' }, '{"dial": true}'],
    [{ text: '' }, '{"dial": true}'],
    [{ body: { dial: 'yes' } }, 'dial:'],
    [{ body: { dial: true, metadata: { transfer_target: 'nowhere' } } }, 'nowhere'],
    [{ body: { dial: true, variables: { a: 'x'.repeat(17_000) } } }, 'variables:'],
    [{ text: JSON.stringify({ dial: true, a: 'x'.repeat(70_000) }) }, 'ANSWER_TOO_LONG'],
  ])('as after %j', async (given, why) => {
    answer = given
    const { campaignId, ids } = await claimCalls()
    const refused = await permitOrRelease(ids[0] ?? '')
    expect(refused).toMatchObject({ kind: 'refused', finish: null, until: after(61_000) })
    expect(refused).toMatchObject({ reason: expect.stringContaining(why) })
    expect(one((await contactsOf(world, campaignId))[0])).toMatchObject({ state: 'waiting', attempts: 0 })
  })

  it('nor is a private address asked', async () => {
    const { ids } = await claimCalls()
    const refused = await askForPermit(world.deps, { callId: ids[0] ?? '', now: () => after(1_000) })
    expect(refused).toMatchObject({ kind: 'refused', reason: expect.stringContaining('private') })
    expect(asked).toEqual([])
  })

  it('and after ten in a row the campaign stops with the reason, until it is resumed', async () => {
    answer = { status: 503 }
    const { campaignId, ids } = await claimCalls(12)
    for (const id of ids.slice(0, 9)) await permitOrRelease(id)
    expect(await runtimeOf(world, campaignId)).toMatchObject({ status: 'running' })
    await permitOrRelease(ids[9] ?? '')
    expect(await runtimeOf(world, campaignId)).toMatchObject({
      status: 'error',
      errorReason: expect.stringMatching(/pre-dial address.*503.*predialUrl.*resume/),
    })
  })

  it('and one good answer begins the count anew', async () => {
    const { campaignId, ids } = await claimCalls(12)
    for (const [i, id] of ids.entries()) {
      answer = i === 5 ? { body: { dial: false } } : { status: 503 }
      await permitOrRelease(id)
    }
    expect(await runtimeOf(world, campaignId)).toMatchObject({ status: 'running' })
    const states = await world.db.select().from(campaignContacts)
    expect(states.filter((each) => each.campaignId === campaignId && each.state === 'finished')).toHaveLength(1)
  })
})
