import { connect as connectSocket, createServer, type Server, type Socket } from 'node:net'
import { connect } from '@outdial/database/client'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { claimForLane } from '../claim/claim-for-lane.ts'
import { addCampaign, addWorkspace, callsOf, noon, one, openWorld, permitAll, start, type World } from '../testing.ts'
import { hearSignalPatiently } from './record-signal.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** A way to the database that can be cut and opened again, as a restart of the server does. */
async function openWay() {
  const { hostname, port } = new URL(world.databaseUrl)
  const sockets = new Set<Socket>()
  const relay = (incoming: Socket) => {
    const outgoing = connectSocket({ host: hostname, port: Number(port) })
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket)
      socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    }
    incoming.pipe(outgoing).pipe(incoming)
  }
  let server: Server | undefined
  const open = (at: number) =>
    new Promise<number>((resolve) => {
      server = createServer(relay).listen(at, '127.0.0.1', () => {
        const address = server?.address()
        resolve(typeof address === 'object' && address ? address.port : at)
      })
    })
  const cut = () =>
    new Promise<void>((resolve) => {
      if (server) server.close(() => resolve())
      else resolve()
      for (const socket of sockets) socket.destroy()
    })
  const wayPort = await open(0)
  const url = new URL(world.databaseUrl)
  url.host = `127.0.0.1:${wayPort}`
  return { url: url.href, cut, open: () => open(wayPort) }
}

async function dialedCall() {
  const workspace = await addWorkspace(world, { callsPerSecond: 100, maxConcurrency: 100 })
  const { campaignId } = await addCampaign(world, workspace, { contacts: 1 })
  await start(world, workspace, campaignId)
  await claimForLane(world.deps, { trunkId: workspace.trunkId, now: noon })
  return { campaignId, callId: one((await permitAll(world, campaignId, noon))[0]) }
}

const answerOf = (callId: string) =>
  ({
    source: 'dialer',
    eventId: `dial-${callId}`,
    event: 'answered',
    about: { callId },
    content: [{ kind: 'answered', at: noon }],
    receivedAt: noon,
  }) satisfies Parameters<typeof hearSignalPatiently>[1]

const signalsOf = async (callId: string) =>
  (
    await world.db.execute<{ count: number }>(sql`select count(*)::int as count from signals where call_id = ${callId}`)
  )[0]

describe('what LiveKit answered while the database is away', () => {
  it('is stored once when it is back, and the outage is told once', async () => {
    const { callId } = await dialedCall()
    const way = await openWay()
    const { db, close, ping } = connect({ url: way.url, role: 'engine', maxConnections: 1 })
    await ping()
    await way.cut()
    const warnings: string[] = []
    let heard = () => {}
    const missed = new Promise<void>((resolve) => (heard = resolve))
    const warn = (_: object, message: string) => {
      warnings.push(message)
      heard()
    }
    const recording = hearSignalPatiently({ ...world.deps, db, log: { ...world.deps.log, warn } }, answerOf(callId))
    await missed
    expect((await signalsOf(callId))?.count).toBe(0)
    await way.open()
    expect(await recording).toBe('recorded')
    expect(await hearSignalPatiently({ ...world.deps, db }, answerOf(callId))).toBe('repeated')
    expect((await signalsOf(callId))?.count).toBe(1)
    expect(warnings).toHaveLength(1)
    expect((await callsOf(world)).find((call) => call.id === callId)?.status).toBe('answered')
    await close()
    await way.cut()
  })

  it('is left to the sweep when the database stays away', async () => {
    const way = await openWay()
    await way.cut()
    const { db, close } = connect({ url: way.url, role: 'engine', maxConnections: 1 })
    const errors: string[] = []
    const log = { ...world.deps.log, error: (_: object, message: string) => void errors.push(message) }
    const event = answerOf(crypto.randomUUID())
    expect(await hearSignalPatiently({ ...world.deps, db, log }, event, { patienceMs: 150 })).toBe('gave_up')
    expect(errors).toHaveLength(1)
    await close()
  })

  it('throws what no waiting would mend', async () => {
    const event = { ...answerOf('no uuid'), about: { callId: 'no uuid' } }
    await expect(hearSignalPatiently(world.deps, event)).rejects.toThrow()
  })
})
