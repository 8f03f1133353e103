import net from 'node:net'
import { AccessToken } from 'livekit-server-sdk'
import { expect, test } from 'vitest'
import { startSimulator } from './simulator.ts'
import { apiKey, apiSecret, startProject, trunkId, waitFor } from './testing.ts'

const options = {
  port: 0,
  speed: 100,
  clockOriginMs: Date.now(),
  seed: 1,
  apiKey,
  apiSecret,
  webhookUrls: [],
}

test('GET / answers OK', async () => {
  const simulator = await startSimulator(options)
  const response = await fetch(simulator.url)
  expect([response.status, await response.text()]).toEqual([200, 'OK'])
  await simulator.close()
})

test('a taken port is named', async () => {
  const first = await startSimulator(options)
  await expect(startSimulator({ ...options, port: first.port })).rejects.toThrow(`Port ${first.port}`)
  await first.close()
})

test('closing in the middle of calls ends timers, requests and sockets; closing twice is once', async () => {
  const handles = () => process.getActiveResourcesInfo().filter((name) => /Timeout|TCPS|TCPSOCKET/.test(name)).length
  const before = handles()
  const project = await startProject()
  await project.roomWithAgent('open')
  const dialing = project.sip
    .createSipParticipant(trunkId, '+15005550008', 'open', { waitUntilAnswered: true, ringingTimeout: 60 })
    .catch((error: unknown) => error)
  await waitFor('ringing', () => project.call('open')?.ringing)
  await Promise.all([project.close(), project.simulator.close()])
  expect(await dialing).toBeInstanceOf(Error)
  await waitFor('the handles to go', () => handles() <= before)
})

test('nothing that comes in stops it', async () => {
  const simulator = await startSimulator(options)
  const token = new AccessToken(apiKey, apiSecret)
  token.addGrant({ roomCreate: true, roomList: true, roomAdmin: true, room: 'x' })
  token.addSIPGrant({ admin: true, call: true })
  const headers = { authorization: `Bearer ${await token.toJwt()}`, 'content-type': 'application/json' }
  const post = (path: string, body: string, more = {}) =>
    fetch(`${simulator.url}${path}`, { method: 'POST', headers: { ...headers, ...more }, body })

  const malformed = await post('/twirp/livekit.RoomService/CreateRoom', '{"name":')
  expect(malformed.status).toBe(400)
  expect(await malformed.json()).toMatchObject({ code: 'malformed' })
  expect((await post('/twirp/livekit.RoomService/CreateRoom', '{"name":7}')).status).toBe(400)
  expect((await post('/twirp/livekit.RoomService/toString', '{}')).status).toBe(404)
  expect((await post('/twirp/__proto__/toString', '{}')).status).toBe(404)
  expect((await post('/twirp/livekit.SIP/CreateSIPParticipant', '{"roomName":"x","sipCallTo":"1"}')).status).toBe(400)
  const text = await post('/twirp/livekit.RoomService/ListRooms', 'x', { 'content-type': 'text/plain' })
  expect(await text.json()).toMatchObject({ code: 'bad_route' })
  const get = await fetch(`${simulator.url}/twirp/livekit.RoomService/ListRooms`)
  expect(await get.json()).toMatchObject({ code: 'bad_route' })
  const long = await post('/twirp/livekit.RoomService/ListRooms', 'x'.repeat(11 * 1024 * 1024))
  expect(await long.json()).toMatchObject({ code: 'malformed' })
  expect(await postInChunks(simulator.port, headers)).toContain('200 OK')
  await new Promise<void>((resolve) => {
    const socket = net.connect(simulator.port, '127.0.0.1', () => socket.end('GARBAGE\r\n\r\n'))
    socket.resume().on('close', () => resolve())
  })
  expect((await post('/twirp/livekit.RoomService/ListRooms', '{}')).status).toBe(200)
  await simulator.close()
})

test('the same seed gives the same calls, another seed others', async () => {
  const run = async (seed: number) => {
    const project = await startProject({ seed, speed: 2000, webhookUrls: [] })
    const numbers = Array.from({ length: 20 }, (_, index) => `+121255501${String(index).padStart(2, '0')}`)
    await Promise.all(
      numbers.map((number) =>
        project.sip.createSipParticipant(trunkId, number, number, { waitUntilAnswered: true }).catch(() => {}),
      ),
    )
    await waitFor('the calls to end', () => project.simulator.ledger().summary.active === 0)
    const calls = project.simulator
      .ledger()
      .calls.map(({ to, behaviour, sipStatus }) => `${to} ${behaviour} ${sipStatus}`)
    await project.close()
    return calls.sort()
  }
  const [first, second, other] = [await run(7), await run(7), await run(8)]
  expect(second).toEqual(first)
  expect(other).not.toEqual(first)
})

// a body without a length, as clients send that stream
function postInChunks(port: number, headers: Record<string, string>): Promise<string> {
  const lines = Object.entries({ ...headers, host: 'x', connection: 'close', 'transfer-encoding': 'chunked' })
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.write(`POST /twirp/livekit.RoomService/ListRooms HTTP/1.1\r\n${head}\r\n2\r\n{}\r\n0\r\n\r\n`)
    })
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    socket.on('end', () => resolve(answer)).on('error', reject)
  })
}
