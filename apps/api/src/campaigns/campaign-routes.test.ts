import { campaignRuntime } from '@outdial/database/schema/campaigns'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, cursorOf, idOf, openApiWorld } from '../testing/api-world.ts'
import { type Seeded, seedWorkspace } from '../testing/seed-workspace.ts'

let world: ApiWorld
let client: Client
let seeded: Seeded
let input: Record<string, unknown>

beforeAll(async () => {
  world = await openApiWorld()
  client = await world.openClient()
  seeded = await seedWorkspace(world, client)
  input = seeded.inputFor('/campaigns')
})
afterAll(() => world.close())

const create = async (changes: Record<string, unknown> = {}) =>
  idOf(await client.send('POST', '/campaigns', { json: { ...input, ...changes } }))

describe('POST /campaigns', () => {
  it('creates one that calls nobody yet, with the defaults of the contract', async () => {
    const answer = await client.send('POST', '/campaigns', { json: input })
    expect(answer).toMatchObject({
      status: 201,
      body: {
        executionStatus: 'idle',
        callDelayMs: 2_000,
        ringTimeoutSeconds: 30,
        localTime: 'contact',
        timezone: 'UTC',
        voicemail: 'hangup',
        dailyCap: null,
        startedAt: null,
      },
    })
  })

  it('takes days in any case, short or long', async () => {
    const callingDays = ['mon', 'TUE', 'Wednesday', ' thurs ']
    const answer = await client.send('POST', '/campaigns', { json: { ...input, callingDays } })
    expect(answer.body.callingDays).toEqual(['monday', 'tuesday', 'wednesday', 'thursday'])
  })

  it('takes windows instead of days and hours', async () => {
    const { callingDays: _, startHour: __, endHour: ___, ...rest } = input
    const windows = [{ day: 'fri', from: '22:00', to: '02:00' }]
    const answer = await client.send('POST', '/campaigns', { json: { ...rest, windows } })
    expect(answer).toMatchObject({ status: 201, body: { windows: [{ day: 'friday', from: '22:00', to: '02:00' }] } })
  })

  it('takes a CSV file as the source, and shows the list that it filled', async () => {
    const { contactListId: _, ...rest } = input
    const csvFileId = seeded.ids['csv-files']
    const json = { ...rest, contactSource: 'csv_file', csvFileId }
    expect(await client.send('POST', '/campaigns', { json })).toMatchObject({
      status: 201,
      body: { csvFileId, contactListId: expect.any(String) },
    })
  })

  it('takes holiday calendars by name, and says which one was meant', async () => {
    const taken = await client.send('POST', '/campaigns', {
      json: { ...input, holidayCalendar: ['us-ca', '2026-12-24'] },
    })
    expect(taken).toMatchObject({
      status: 201,
      body: { holidayCalendar: ['US-CA', '2026-12-24'], unknownTimezone: 'campaign', jurisdictionRules: 'enforce' },
    })
    const refused = await client.send('POST', '/campaigns', { json: { ...input, holidayCalendar: ['DE', 'UK'] } })
    expect(refused.body.errors).toEqual([
      { field: 'holidayCalendar.1', code: 'invalid', message: expect.stringContaining('Did you mean GB') },
    ])
  })

  it.each([
    [{ name: undefined }, 'name', 'required'],
    [{ name: '  ' }, 'name', 'too_small'],
    [{ contactSource: 'crystal_ball' }, 'contactSource', 'invalid_value'],
    [{ contactListId: undefined }, 'contactListId', 'required'],
    [{ contactSource: 'csv_file' }, 'csvFileId', 'required'],
    [{ csvFileId: crypto.randomUUID() }, 'csvFileId', 'not_allowed'],
    [{ assistantId: 'x' }, 'assistantId', 'invalid_format'],
    [{ callingDays: undefined }, 'callingDays', 'required'],
    [{ callingDays: [] }, 'callingDays', 'invalid'],
    [{ callingDays: ['someday'] }, 'callingDays.0', 'invalid_value'],
    [{ startHour: 9, endHour: 9 }, 'endHour', 'invalid'],
    [{ startHour: 24 }, 'startHour', 'too_big'],
    [{ startHour: 9.5 }, 'startHour', 'invalid_type'],
    [{ dailyCap: 0 }, 'dailyCap', 'too_small'],
    [{ dailyCap: 2 ** 31 }, 'dailyCap', 'too_big'],
    [{ timezone: 'EST' }, 'timezone', 'invalid'],
    [{ windows: [{ day: 'mon', from: '9', to: '10:00' }] }, 'windows.0.from', 'invalid_format'],
    [{ windows: [{ day: 'mon', from: '09:00', to: '10:00', form: 1 }] }, 'windows.0.form', 'unknown_field'],
    [{ holidayCalendar: ['2026-02-30'] }, 'holidayCalendar.0', 'invalid'],
    [{ holidayCalendar: ['DE', 'UK'] }, 'holidayCalendar.1', 'invalid'],
    [{ unknownTimezone: 'wait' }, 'unknownTimezone', 'invalid_value'],
    [{ jurisdictionRules: 'ignore' }, 'jurisdictionRules', 'invalid_value'],
    [{ startAt: '2026-03-01' }, 'startAt', 'invalid_format'],
    [{ startAt: '2026-03-02T00:00:00Z', endAt: '2026-03-01T00:00:00Z' }, 'endAt', 'invalid'],
    [{ ringTimeoutSeconds: 14 }, 'ringTimeoutSeconds', 'too_small'],
    [{ ringTimeoutSeconds: 81 }, 'ringTimeoutSeconds', 'too_big'],
    [{ callsPerSecond: 0 }, 'callsPerSecond', 'too_small'],
    [{ fromNumbers: ['0151'] }, 'fromNumbers.0', 'invalid_format'],
    [{ sipHeaders: { From: 'me' } }, 'sipHeaders.From', 'invalid_key'],
    [{ sipHeaders: { 'X-A': 'a\r\nVia: b' } }, 'sipHeaders.X-A', 'invalid_format'],
    [{ retry: { completed: { attempts: 2, delaySeconds: 60 } } }, 'retry.completed', 'unknown_field'],
    [{ metadata: { note: 'x'.repeat(20_000) } }, 'metadata', 'invalid'],
    [{ sipHeaders: { 'X-Twilio-Sid': '1' } }, 'sipHeaders', 'invalid_header'],
    [{ metadata: { transfer_target: 'nowhere' } }, 'metadata', 'invalid_header'],
    [{ metadata: { account_code: { a: 1 } } }, 'metadata', 'invalid_header'],
    [{ displayName: 'é'.repeat(65) }, 'displayName', 'invalid'],
    [{ predialUrl: 'ftp://example.com' }, 'predialUrl', 'invalid_format'],
    [{ predialUrl: 'example.com' }, 'predialUrl', 'invalid_format'],
    [{ voicemail: 'beep' }, 'voicemail', 'invalid_value'],
    [{ voicemailMessage: 'x'.repeat(2_001) }, 'voicemailMessage', 'too_big'],
    [{ dailycap: 5 }, 'dailycap', 'unknown_field'],
  ])('refuses %j and names the field', async (changes, field, code) => {
    const answer = await client.send('POST', '/campaigns', { json: { ...input, ...changes } })
    expect(answer).toMatchObject({ status: 400, body: { code: 'invalid_request' } })
    expect(answer.body.errors).toContainEqual({ field, code, message: expect.any(String) })
  })

  it('keeps what is said to machines and who is asked before a call', async () => {
    const settings = {
      ...{ voicemail: 'leave_message', voicemailMessage: 'We call {name} again.', displayName: 'Acme' },
      ...{ predialUrl: 'https://crm.example.com/may-call?token=1', sipHeaders: { 'X-Account-Code': '7' } },
    }
    const answer = await client.send('POST', '/campaigns', { json: { ...input, ...settings } })
    expect(answer).toMatchObject({ status: 201, body: settings })
    const without = await client.send('PATCH', `/campaigns/${idOf(answer)}`, { json: { predialUrl: null } })
    expect(without).toMatchObject({ status: 200, body: { ...settings, predialUrl: null } })
  })

  it.each(['http://localhost:3000', 'http://10.0.0.7/', 'http://[::1]/', 'http://2130706433/', 'http://0x7f.1/'])(
    'asks nothing private before a call: %s',
    async (predialUrl) => {
      const refused = { status: 422, body: { errors: [{ field: 'predialUrl', code: 'private_address' }] } }
      expect(await client.send('POST', '/campaigns', { json: { ...input, predialUrl } })).toMatchObject(refused)
      const id = await create()
      expect(await client.send('PATCH', `/campaigns/${id}`, { json: { predialUrl } })).toMatchObject(refused)
    },
  )

  it.each(['assistantId', 'contactListId', 'trunkId'])('refuses a %s that is not there', async (field) => {
    const answer = await client.send('POST', '/campaigns', { json: { ...input, [field]: crypto.randomUUID() } })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field, code: 'unknown_reference' }] } })
  })
})

describe('GET /campaigns', () => {
  it('lists in pages, newest first', async () => {
    const [older, newer] = [await create({ name: 'Older' }), await create({ name: 'Newer' })]
    const first = await client.send('GET', '/campaigns?limit=1')
    expect(first.body.data).toEqual([expect.objectContaining({ id: newer })])
    const second = await client.send('GET', `/campaigns?limit=1&cursor=${cursorOf(first)}`)
    expect(second.body.data).toEqual([expect.objectContaining({ id: older })])
  })

  it('ends with a null cursor', async () => {
    expect((await client.send('GET', '/campaigns?limit=200')).body.nextCursor).toBeNull()
  })

  it('filters by status', async () => {
    const id = await create()
    await client.send('POST', `/campaigns/${id}/start`)
    const running = await client.send('GET', '/campaigns?status=running')
    expect(running.body.data).toEqual([expect.objectContaining({ id, executionStatus: 'running' })])
  })

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=x', 'status=flying'])('refuses %s', async (query) => {
    const field = query.split('=')[0]
    const answer = await client.send('GET', `/campaigns?${query}`)
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })
})

describe('PUT /campaigns/:id', () => {
  it('replaces: what is left out takes its default', async () => {
    const id = await create({ dailyCap: 5, timezone: 'Europe/Paris' })
    const answer = await client.send('PUT', `/campaigns/${id}`, { json: { ...input, name: 'New' } })
    expect(answer).toMatchObject({ status: 200, body: { name: 'New', dailyCap: null, timezone: 'UTC' } })
    expect((await client.send('GET', `/campaigns/${id}`)).body).toEqual(answer.body)
  })
})

describe('PATCH /campaigns/:id', () => {
  it('changes what is given and leaves the rest', async () => {
    const id = await create({ dailyCap: 5, timezone: 'Europe/Paris' })
    const answer = await client.send('PATCH', `/campaigns/${id}`, { json: { dailyCap: null, endHour: 20 } })
    expect(answer).toMatchObject({ status: 200, body: { dailyCap: null, endHour: 20, timezone: 'Europe/Paris' } })
  })

  it('refuses what does not fit to the rest', async () => {
    const id = await create()
    const answer = await client.send('PATCH', `/campaigns/${id}`, { json: { endHour: 9 } })
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'endHour' }] } })
  })

  it('moves from a list to a file while it has not started, and not after', async () => {
    const id = await create()
    const json = { contactSource: 'csv_file', csvFileId: seeded.ids['csv-files'] }
    expect((await client.send('PATCH', `/campaigns/${id}`, { json })).status).toBe(200)
    await client.send('POST', `/campaigns/${id}/start`)
    const back = { contactSource: 'contact_list', contactListId: seeded.ids['contact-lists'] }
    const answer = await client.send('PATCH', `/campaigns/${id}`, { json: back })
    expect(answer).toMatchObject({ status: 409, body: { code: 'contact_source_settled' } })
  })

  it('changes a running campaign, but not its trunk', async () => {
    const id = await create()
    await client.send('POST', `/campaigns/${id}/start`)
    expect((await client.send('PATCH', `/campaigns/${id}`, { json: { dailyCap: 7 } })).body.dailyCap).toBe(7)
    const trunk = await client.send('POST', '/trunks', { json: { name: 'Other', livekitTrunkId: 'ST_other' } })
    const answer = await client.send('PATCH', `/campaigns/${id}`, { json: { trunkId: idOf(trunk) } })
    expect(answer).toMatchObject({ status: 409, body: { code: 'trunk_settled', allowed: ['pause', 'stop'] } })
  })
})

describe('DELETE /campaigns/:id', () => {
  it('takes it off the lists', async () => {
    const id = await create()
    expect((await client.send('DELETE', `/campaigns/${id}`)).status).toBe(204)
    for (const method of ['GET', 'DELETE']) {
      expect((await client.send(method, `/campaigns/${id}`)).status).toBe(404)
    }
    expect((await client.send('GET', '/campaigns?limit=200')).text).not.toContain(id)
  })

  it('is refused while it runs, and says what to do first', async () => {
    const id = await create()
    await client.send('POST', `/campaigns/${id}/start`)
    const answer = await client.send('DELETE', `/campaigns/${id}`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'campaign_active', allowed: ['stop'] } })
  })
})

describe('POST /campaigns/:id/start, pause, resume and stop', () => {
  it('move it through its life; repeating changes nothing', async () => {
    const id = await create()
    for (const [action, executionStatus] of [
      ['start', 'running'],
      ['pause', 'paused'],
      ['resume', 'running'],
      ['stop', 'idle'],
      ['start', 'running'],
    ]) {
      const first = await client.send('POST', `/campaigns/${id}/${action}`)
      expect(first).toMatchObject({ status: 200, body: { executionStatus, changed: true } })
      const again = await client.send('POST', `/campaigns/${id}/${action}`)
      expect(again).toMatchObject({ status: 200, body: { executionStatus, changed: false } })
    }
    expect(await world.db.select().from(campaignRuntime)).toContainEqual(expect.objectContaining({ campaignId: id }))
  })

  it('refuse a wrong transition and say which are allowed', async () => {
    const id = await create()
    const answer = await client.send('POST', `/campaigns/${id}/pause`)
    expect(answer).toMatchObject({ status: 409, body: { code: 'wrong_transition', allowed: ['start'] } })
  })

  it('takes hangUpLiveCalls for stop, and nothing else', async () => {
    const id = await create()
    await client.send('POST', `/campaigns/${id}/start`)
    const wrong = await client.send('POST', `/campaigns/${id}/stop`, { json: { hangUpLiveCalls: 'yes' } })
    expect(wrong).toMatchObject({ status: 400, body: { errors: [{ field: 'hangUpLiveCalls' }] } })
    const answer = await client.send('POST', `/campaigns/${id}/stop`, { json: { hangUpLiveCalls: true } })
    expect(answer.body).toMatchObject({ executionStatus: 'idle' })
  })

  it('says that a trunk is missing', async () => {
    const poor = await world.openClient()
    const assistant = await poor.send('POST', '/assistants', { json: { name: 'Ann', agentName: 'ann' } })
    const list = await poor.send('POST', '/contact-lists', { json: { name: 'List' } })
    const json = { ...input, assistantId: idOf(assistant), contactListId: idOf(list) }
    const id = idOf(await poor.send('POST', '/campaigns', { json }))
    const answer = await poor.send('POST', `/campaigns/${id}/start`)
    expect(answer).toMatchObject({ status: 422, body: { errors: [{ field: 'trunkId', code: 'no_trunk' }] } })
  })
})
