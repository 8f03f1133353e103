import { DisconnectReason } from '@livekit/protocol'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Project, startProject, trunkId, waitFor } from '../testing.ts'

type Body = {
  event: string
  createdAt: string
  room?: Record<string, unknown>
  participant?: Record<string, unknown>
}

let project: Project
beforeAll(async () => {
  project = await startProject()
})
afterEach(() => project.control('DELETE', '/faults'))
afterAll(() => project.close())

const waiting = { waitUntilAnswered: true, participantIdentity: 'callee' }

describe('what is told', () => {
  test('an answered call the agent ends', async () => {
    await project.roomWithAgent('sequence')
    await project.sip.createSipParticipant(trunkId, '+15005550001', 'sequence', waiting)
    await finished('sequence')
    const story = await storyOf('sequence')
    expect(story.slice(0, 5)).toEqual([
      'room_started',
      'participant_joined agent',
      'track_published agent',
      'participant_joined callee dialing',
      'track_published callee',
    ])
    expect(story.slice(5).toSorted()).toEqual([
      'participant_left agent ROOM_DELETED',
      'participant_left callee active ROOM_DELETED',
      'room_finished',
      'track_unpublished agent',
      'track_unpublished callee',
    ])
    expect(story.at(-1)).toBe('room_finished')
  })

  test('a busy callee: the agent leaves too, and the room ends after its departure timeout', async () => {
    await project.roomWithAgent('busy')
    await project.sip.createSipParticipant(trunkId, '+15005550007', 'busy', waiting).catch(() => {})
    await finished('busy')
    expect((await storyOf('busy')).slice(5)).toEqual([
      'track_unpublished callee',
      'participant_left callee dialing USER_REJECTED',
      'track_unpublished agent',
      'participant_left agent CLIENT_INITIATED',
      'room_finished',
    ])
  })

  test('bodies are camelCase protojson without zero values; track events carry only ids', async () => {
    await project.roomWithAgent('format')
    await project.sip.createSipParticipant(trunkId, '+15005550007', 'format', waiting).catch(() => {})
    await finished('format')
    const bodies = project.inbox.at('/webhook').map(({ body }) => JSON.parse(body) as Body)
    const ofRoom = bodies.filter(({ room }) => room?.name === 'format')
    const [started] = ofRoom
    expect(started?.room).toMatchObject({
      emptyTimeout: 300,
      departureTimeout: 20,
      creationTime: expect.stringMatching(/^\d+$/) as unknown,
    })
    expect(started?.room).not.toHaveProperty('metadata')
    expect(started?.createdAt).toMatch(/^\d{10}$/)
    const track = ofRoom.find(({ event }) => event === 'track_published')
    expect(Object.keys(track?.room ?? {})).toEqual(['sid', 'name'])
    expect(Object.keys(track?.participant ?? {})).toEqual(['sid', 'identity'])
    const joined = ofRoom.find(
      ({ event, participant }) => event === 'participant_joined' && participant?.identity === 'callee',
    )
    expect(joined?.participant).toMatchObject({ kind: 'SIP', state: 'ACTIVE' })
    expect(joined?.participant).not.toHaveProperty('disconnectReason')
  })

  test('headers are those of the real server', async () => {
    await project.rooms.createRoom({ name: 'headers' })
    const [first] = await waitFor('a webhook', () => {
      const all = project.inbox.at('/webhook')
      return all.length > 0 && all
    })
    expect(first?.headers['content-type']).toBe('application/webhook+json')
    expect(first?.headers['user-agent']).toBe('Go-http-client/1.1')
    expect(first?.headers.authorization).not.toMatch(/^Bearer/)
  })
})

describe('how it is delivered', () => {
  test('5xx and 429 are tried again with the same id and in order; 4xx is not', async () => {
    const own = await startProject()
    own.inbox.statuses.push(500, 429, 404)
    await own.rooms.createRoom({ name: 'again' })
    await own.rooms.deleteRoom('again')
    const events = await waitFor('four deliveries', async () => {
      const all = await own.inbox.events()
      return all.length === 4 && all
    })
    expect(events.map(({ event }) => event)).toEqual(['room_started', 'room_started', 'room_started', 'room_finished'])
    expect(new Set(events.map(({ id }) => id)).size).toBe(2)
    const { body } = await own.control('GET', '/webhooks')
    expect(body).toMatchObject({ counts: { delivered: 2, retried: 2, failed: 0 } })
    await own.close()
  })

  test('after four retries an event is given up and the next one goes', async () => {
    const own = await startProject()
    own.inbox.statuses.push(...Array<number>(5).fill(503))
    await own.rooms.createRoom({ name: 'given-up' })
    await own.rooms.deleteRoom('given-up')
    await waitFor('room_finished', async () =>
      (await own.inbox.events()).some(({ event }) => event === 'room_finished'),
    )
    expect(await own.inbox.events()).toHaveLength(6)
    await own.close()
  })

  test('dropped, doubled and reordered on request', async () => {
    const { control, rooms } = project
    await control('POST', '/faults', { on: 'webhook', event: 'room_started', action: 'drop', count: 1 })
    await rooms.createRoom({ name: 'faulty-a' })
    await rooms.deleteRoom('faulty-a')
    await finished('faulty-a')
    expect(await storyOf('faulty-a')).toEqual(['room_finished'])

    await control('POST', '/faults', { on: 'webhook', event: 'room_finished', action: 'double', count: 1 })
    await rooms.createRoom({ name: 'faulty-b' })
    await rooms.deleteRoom('faulty-b')
    await waitFor('both', async () => (await storyOf('faulty-b')).length === 3)
    expect(await storyOf('faulty-b')).toEqual(['room_started', 'room_finished', 'room_finished'])

    await control('POST', '/faults', {
      on: 'webhook',
      event: 'room_started',
      action: 'reorder',
      count: 1,
      delayMs: 60_000,
    })
    await rooms.createRoom({ name: 'faulty-c' })
    await rooms.deleteRoom('faulty-c')
    await waitFor('both', async () => (await storyOf('faulty-c')).length === 2)
    expect(await storyOf('faulty-c')).toEqual(['room_finished', 'room_started'])
  })

  test('a delayed event comes after later ones', async () => {
    await project.control('POST', '/faults', {
      on: 'webhook',
      event: 'room_started',
      action: 'delay',
      count: 1,
      delayMs: 100,
    })
    await project.rooms.createRoom({ name: 'late' })
    await project.rooms.deleteRoom('late')
    await waitFor('both', async () => (await storyOf('late')).length === 2)
    expect(await storyOf('late')).toEqual(['room_finished', 'room_started'])
  })

  test('addresses can be changed while it runs', async () => {
    const own = await startProject({ webhookUrls: [] })
    await own.rooms.createRoom({ name: 'silent' })
    expect((await own.control('PUT', '/webhooks', { urls: [`${own.inbox.url}/webhook`] })).status).toBe(200)
    await own.rooms.deleteRoom('silent')
    await waitFor('room_finished', async () => (await own.inbox.events()).length === 1)
    await own.close()
  })
})

function finished(room: string) {
  return waitFor(`the end of ${room}`, async () => (await storyOf(room)).includes('room_finished'))
}

async function storyOf(roomName: string): Promise<string[]> {
  const events = (await project.inbox.events()).filter(({ room }) => room?.name === roomName)
  return events.map(({ event, participant }) => {
    const who = participant?.identity.replace(/^agent-.*/, 'agent')
    const status = participant?.attributes['sip.callStatus']
    const reason = participant?.disconnectReason ? DisconnectReason[participant.disconnectReason] : undefined
    return [event, who, status, reason].filter(Boolean).join(' ')
  })
}
