import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Ledger } from '../network/ledger.ts'
import { type Project, startProject, trunkId, waitFor } from '../testing.ts'

let project: Project
beforeAll(async () => {
  project = await startProject()
})
afterEach(() => project.control('POST', '/reset'))
afterAll(() => project.close())

const waiting = { waitUntilAnswered: true, participantIdentity: 'callee' }

describe('the ledger', () => {
  test('tells of every call, as JSON and line by line, and sums up', async () => {
    await project.roomWithAgent('ledger')
    await project.sip.createSipParticipant(trunkId, '+15005550001', 'ledger', waiting)
    await project.sip
      .createSipParticipant(trunkId, '+15005550007', 'ledger', { ...waiting, participantIdentity: 'b' })
      .catch(() => {})
    await waitFor('both to end', () => project.simulator.ledger().summary.active === 0)
    const { body } = await project.control('GET', '/ledger')
    const { calls, summary } = body as Ledger
    expect(calls).toHaveLength(2)
    const [first] = calls
    const times = [first?.invited, first?.ringing, first?.answered, first?.ended].map((moment) =>
      Date.parse(moment?.at ?? ''),
    )
    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect(first).toMatchObject({ ending: 'hung_up', hungUpBy: 'agent', outcome: 'interested', sipStatus: 200 })
    expect(summary).toMatchObject({
      invites: 2,
      answered: 1,
      refused: 1,
      hungUp: 1,
      peakConcurrency: 2,
      maxInvitesPerRoom: 2,
      byOutcome: { interested: 1 },
      bySipStatus: { 200: 1, 486: 1 },
    })
    const lines = await (await fetch(`${project.simulator.url}/_network/ledger?format=ndjson`)).text()
    expect(
      lines
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(calls)
    expect((await project.control('GET', '/ledger?format=xml')).status).toBe(400)
  })

  test('reset ends what runs and forgets', async () => {
    await project.sip.createSipParticipant(trunkId, '+15005550008', 'reset', { participantIdentity: 'callee' })
    await project.control('POST', '/reset')
    expect(project.simulator.ledger().calls).toEqual([])
    expect(project.simulator.ledger().summary).toMatchObject({ active: 0, peakConcurrency: 0 })
    expect(await project.rooms.listRooms()).toEqual([])
  })
})

describe('the network', () => {
  test('a number does what it is told, call by call', async () => {
    const rule = {
      number: '+12125550123',
      behaviours: ['busy', 'declined', 'answers_not_interested'],
      ringMs: 3000,
      talkMs: 1000,
    }
    expect((await project.control('POST', '/numbers', rule)).status).toBe(201)
    const dial = (room: string) =>
      project.sip.createSipParticipant(trunkId, '+12125550123', room, waiting).catch((error: unknown) => error)
    expect(await dial('n1')).toMatchObject({ sipStatusCode: 486 })
    expect(await dial('n2')).toMatchObject({ sipStatusCode: 480 })
    expect(await dial('n3')).toMatchObject({ roomName: 'n3' })
    expect(await dial('n4')).toMatchObject({ roomName: 'n4' })
    expect(project.simulator.ledger().calls.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4])
  })

  test('a trunk over its limits refuses, without calling the number', async () => {
    await project.control('POST', '/trunks', { trunkId, concurrency: 1 })
    await project.sip.createSipParticipant(trunkId, '+15005550008', 'limit-a', { ringingTimeout: 3600 })
    await expect(project.sip.createSipParticipant(trunkId, '+12125550124', 'limit-b', waiting)).rejects.toMatchObject({
      sipStatusCode: 503,
      sipStatus: 'Trunk concurrent call limit exceeded',
      status: 412,
    })
    expect(project.call('limit-b')).toMatchObject({ behaviour: 'trunk_limit', attempt: 0 })
    await project.rooms.deleteRoom('limit-a')
    await project.control('POST', '/trunks', { trunkId, callsPerSecond: 0.001, windowMs: 1_000_000 })
    await project.sip.createSipParticipant(trunkId, '+15005550008', 'limit-c')
    await expect(project.sip.createSipParticipant(trunkId, '+15005550008', 'limit-d', waiting)).rejects.toMatchObject({
      sipStatusCode: 503,
      sipStatus: 'Trunk CPS limit exceeded',
    })
  })

  test('an agent name loses its workers', async () => {
    await project.control('POST', '/agents', { name: 'outbound', available: false })
    await project.roomWithAgent('no-agent')
    await project.sip.createSipParticipant(trunkId, '+15005550001', 'no-agent', waiting)
    expect((await project.ended('no-agent')).agentJoined).toBeUndefined()
  })
})

describe('faults of requests', () => {
  const fault = (rule: object) => project.control('POST', '/faults', { on: 'CreateSIPParticipant', count: 1, ...rule })
  const dial = (room: string) =>
    project.sip
      .createSipParticipant(trunkId, '+15005550018', room, { ...waiting, timeout: 1, ringingTimeout: 1 })
      .catch((error: unknown) => error)
  const wait = (room: string) =>
    project.sip
      .createSipParticipant(trunkId, '+15005550018', room, { participantIdentity: 'callee', timeout: 0.3 })
      .catch((error: unknown) => error)

  test.each([
    ['5xx', { status: 500 }, { status: 500, code: 'internal' }],
    ['5xx', { status: 503 }, { status: 503, code: 'unavailable' }],
    ['5xx', { status: 502 }, { status: 502, code: undefined }],
    ['rate_limit', {}, { status: 429, code: 'resource_exhausted', metadata: undefined }],
    ['no_response', {}, { status: 503, message: 'no response from servers' }],
    ['reset', {}, { name: 'TypeError' }],
    ['timeout', {}, { name: 'TimeoutError' }],
  ])('%s %o before and after dialing', async (action, more, expected) => {
    await fault({ action, ...more })
    expect(await wait(`before-${action}`)).toMatchObject(expected)
    expect(project.call(`before-${action}`)).toBeUndefined()
    await fault({ action, when: 'after', ...more })
    expect(await wait(`after-${action}`)).toMatchObject(expected)
    expect(project.call(`after-${action}`)).toBeDefined()
    expect(await wait(`healthy-${action}`)).toMatchObject({ roomName: `healthy-${action}` })
  })

  test('after dialing, the request does not wait for the answer', async () => {
    await fault({ action: '5xx', when: 'after' })
    expect(await dial('after-invite')).toMatchObject({ status: 500 })
    expect(project.call('after-invite')?.invited).toBeDefined()
  })

  test('other methods too, by probability, listed and deleted', async () => {
    await project.control('POST', '/faults', { on: 'CreateRoom', action: '5xx', probability: 0.5 })
    const results = await Promise.all(
      Array.from({ length: 60 }, (_, index) =>
        project.rooms.createRoom({ name: `luck-${index}` }).then(
          () => true,
          () => false,
        ),
      ),
    )
    const failed = results.filter((isGood) => !isGood).length
    expect(failed).toBeGreaterThan(10)
    expect(failed).toBeLessThan(50)
    const { body } = await project.control('GET', '/faults')
    expect(body).toMatchObject({ faults: [{ on: 'CreateRoom', hits: failed }] })
    await project.control('DELETE', '/faults')
    await project.rooms.createRoom({ name: 'fine' })
  })

  test('a delayed request is answered', async () => {
    await project.control('POST', '/faults', { on: 'CreateRoom', action: 'delay', delayMs: 50 })
    expect((await project.rooms.createRoom({ name: 'delayed' })).name).toBe('delayed')
  })
})

describe('bad input', () => {
  test.each([
    ['/faults', undefined, '(body)'],
    ['/faults', { on: 'CreateSipParticipant', action: 'reset' }, 'on'],
    ['/faults', { on: 'webhook', action: 'reset' }, 'action'],
    ['/faults', { on: 'CreateRoom', action: '5xx', status: 200 }, 'status'],
    ['/faults', { on: 'CreateRoom', action: '5xx', probability: 2 }, 'probability'],
    ['/numbers', { number: '123', behaviour: 'busy' }, 'number'],
    ['/numbers', { number: '+12125550100', behaviour: 'sleeps' }, 'behaviour'],
    ['/numbers', { number: '+12125550100' }, 'behaviour'],
    ['/trunks', { trunkId: 'ST_a', callsPerSecond: -1 }, 'callsPerSecond'],
    ['/agents', { available: 'yes' }, 'available'],
    ['/agents', [], '(body)'],
  ])('POST %s %j names the field', async (path, input, field) => {
    const { status, type, body } = await project.control('POST', path, input)
    expect(status).toBe(400)
    expect(type).toBe('application/problem+json')
    expect((body as { errors: { field: string }[] }).errors.map((error) => error.field)).toContain(field)
  })

  test('what is not there is 404 problem json', async () => {
    expect(await project.control('GET', '/nothing')).toMatchObject({ status: 404, type: 'application/problem+json' })
  })

  test('the page for people lists the control API and the magic numbers', async () => {
    const page = await (await fetch(`${project.simulator.url}/_network`)).text()
    expect(page).toContain('POST /_network/reset')
    expect(page).toContain('+15005550007')
  })
})
