/** A workspace with one of everything, made through the API. */
import { inWorkspace, type Tx } from '@outdial/database/client'
import { phoneNumbers } from '@outdial/database/schema/assistants'
import { recordings } from '@outdial/database/schema/recordings'
import { type ApiWorld, type Client, idOf } from './api-world.ts'

type Input = Record<string, unknown>

export type Seeded = {
  /** By the first part of its address, such as `campaigns`; `campaign` stands for /outbound-calls/campaign/{id}, `contact` for {contactId}. */
  ids: Record<string, string>
  /** A path with the id of something that is there. */
  addressOf(path: string): string
  /** A body that this path takes. */
  inputFor(path: string): Input
}

export async function seedWorkspace(world: ApiWorld, client: Client): Promise<Seeded> {
  const ids: Record<string, string> = {}
  const make = async (kind: string, json: Input, path = `/${kind}`) => {
    const answer = await client.send('POST', path, { json })
    ids[kind] = idOf(answer)
    return ids[kind]
  }
  const inputs: Record<string, Input> = {
    '/trunks': { name: 'Trunk', livekitTrunkId: 'ST_1', isDefault: true },
    '/assistants': { name: 'Ann', agentName: 'ann' },
    '/contact-lists': { name: 'List' },
    '/contact-lists/{id}/contacts': { contacts: [{ phoneNumber: '+14155550100', variables: { city: 'Rome' } }] },
    '/suppressions': { phoneNumber: '+14155550199' },
    '/outbound-calls/{id}/outcome': { outcome: 'interested' },
    '/outbound-calls/{id}/transfer': { transferTarget: '+15551230104' },
    '/api-keys': { name: 'Key' },
    '/notice-endpoints': { url: 'https://receiver.example.com/hook', description: 'Ours' },
  }
  for (const kind of ['trunks', 'assistants', 'contact-lists', 'suppressions', 'api-keys', 'notice-endpoints']) {
    await make(kind, inputs[`/${kind}`] ?? {})
  }
  inputs['/trunks'] = { name: 'Trunk', livekitTrunkId: 'ST_2' }
  const source = { contactSource: 'contact_list', contactListId: ids['contact-lists'] }
  const campaign = {
    name: 'Spring',
    assistantId: ids.assistants,
    ...source,
    callingDays: ['mon'],
    startHour: 9,
    endHour: 17,
  }
  inputs['/campaigns'] = campaign
  inputs['/outbound-calls/initiate'] = { phoneNumber: '+15551230101', assistantId: ids.assistants }
  inputs['/api/livekit/outbound-call'] = { to: '+15551230105' }
  inputs['/api/livekit/inbound-answer'] = { callId: crypto.randomUUID() }
  const parts = '/livekit/outbound-calls'
  inputs[`${parts}/create-participant`] = { phoneNumber: '+15551230106' }
  inputs[`${parts}/create-call`] = { phoneNumber: '+15551230107', assistantId: ids.assistants }
  inputs[`${parts}/create-trunk`] = { name: 'Trunk', livekitTrunkId: 'ST_3' }
  ids.trunk = ids.assistants ?? ''
  inputs['/api/calls/outbound'] = { to: '+15551230102', waitUntilAnswered: false }
  inputs['/call/outbound'] = {
    ...{ assistant_id: ids.assistants, trunk_id: 'ST_1', to_number: '+15551230103', call_service: 'twilio' },
  }
  const { body } = await client.send('POST', `/contact-lists/${ids['contact-lists']}/contacts`, {
    json: { contacts: [{ phoneNumber: '+14155550103' }] },
  })
  ids.contact = (body.contacts as { id: string }[])[0]?.id ?? ''
  ids.campaign = await make('campaigns', campaign)
  ids['outbound-calls'] = await make('call', inputs['/outbound-calls/initiate'], '/outbound-calls/initiate')
  const headers = { 'content-type': 'text/csv' }
  ids['csv-files'] = idOf(await client.send('POST', '/csv-files', { body: 'phone\n+14155550102\nx', headers }))
  ids['phone-numbers'] = await addPhoneNumber(world, {
    workspaceId: client.workspaceId,
    assistantId: ids.assistants ?? '',
  })
  inputs['/phone-numbers'] = { phoneNumber: phoneNumberOf(client.workspaceId), assistantId: ids.assistants }
  inputs['/phone-numbers/{id}'] = { answeredBy: 'agent' }
  ids.recordings = await addRecording(world, { workspaceId: client.workspaceId, callId: ids['outbound-calls'] })
  await make('notices', {}, `/notice-endpoints/${ids['notice-endpoints']}/test`)
  world.errors.length = 0
  return {
    ids,
    addressOf: (path) => {
      const parts = path.split('/')
      const id = ids[parts[parts.indexOf('{id}') - 1] ?? ''] ?? ''
      return path.replace('{id}', id).replace('{contactId}', ids.contact ?? '')
    },
    inputFor: (path) => inputs[path] ?? inputs[path.replace(/\/\{id\}$/, '')] ?? {},
  }
}

/** As if LiveKit had been told: it is not there in these tests. */
async function addPhoneNumber(world: ApiWorld, owner: { workspaceId: string; assistantId: string }): Promise<string> {
  const livekit = { livekitInboundTrunkId: `ST_in_${owner.workspaceId}`, livekitDispatchRuleId: 'SDR_1' }
  const number = { ...owner, ...livekit, phoneNumber: phoneNumberOf(owner.workspaceId) }
  const insert = (tx: Tx) => tx.insert(phoneNumbers).values(number).returning()
  const [row] = await inWorkspace(world.apiDeps.db, owner.workspaceId, insert)
  return row?.id ?? ''
}

/** Of a call that was never made: it is enough to have one. */
async function addRecording(world: ApiWorld, of: { workspaceId: string; callId: string }): Promise<string> {
  const [row] = await world.db
    .insert(recordings)
    .values({ ...of, source: 'livekit', status: 'complete', bucket: 'calls', fileKey: 'call.ogg' })
    .returning()
  return row?.id ?? ''
}

/** No two workspaces may have the same. */
function phoneNumberOf(workspaceId: string): string {
  return `+1555${String(Number.parseInt(workspaceId.slice(-8), 16) % 10_000_000).padStart(7, '0')}`
}
