import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { connect as connectTo, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { connect, type Database } from './client.ts'
import { openDatabaseTime } from './database-time.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

const printTime = new URL('./testing/print-time.ts', import.meta.url)
/** What two processes on a busy machine may tell differently. */
const toleranceMs = 30

let database: TestDatabase
let asker: Database

beforeAll(async () => {
  database = await createTestDatabase()
  asker = connect({ url: database.url, role: 'engine', maxConnections: 1 })
})

afterAll(async () => {
  await asker.close()
  await database.drop()
})

test.each([0, 2_000, -2_000, 3_600_000, -3_600_000])(
  'a host whose clock is off by %d ms has the same time as PostgreSQL, and tells so',
  async (shiftMs) => {
    const preload = new URL(`./testing/shift-host-clock.mjs?ms=${shiftMs}`, import.meta.url).href
    const run = await promisify(execFile)(process.execPath, [
      ...['--import', preload, fileURLToPath(printTime), database.url],
    ])
    const { beforeMs, databaseMs, afterMs, hostAheadMs, warnings } = JSON.parse(run.stdout)
    expect(databaseMs).toBeGreaterThan(beforeMs - toleranceMs)
    expect(databaseMs).toBeLessThan(afterMs + toleranceMs)
    expect(Math.abs(hostAheadMs - shiftMs)).toBeLessThan(toleranceMs)
    expect(warnings).toEqual(shiftMs ? [expect.stringContaining('differs from PostgreSQL’s')] : [])
  },
)

test('it goes on while PostgreSQL is away, and asks again when it is back', async () => {
  await using network = await startNetwork(database.url, { isCut: false })
  const messages: string[] = []
  const note = (_: object, message: string) => void messages.push(message)
  const isTold = (part: string) => () => messages.some((message) => message.includes(part))
  const log = { info: note, warn: note }
  const time = await openDatabaseTime({
    databaseUrl: network.url,
    role: 'engine',
    log,
    refreshMs: 20,
    answerLimitMs: 500,
  })
  network.cut()
  await vi.waitUntil(isTold('the last one known goes on'), { timeout: 10_000 })
  const beforeMs = time.nowMs()
  const databaseMs = await askDatabase()
  expect(databaseMs).toBeGreaterThan(beforeMs - toleranceMs)
  expect(databaseMs).toBeLessThan(time.nowMs() + toleranceMs)
  network.mend()
  await vi.waitUntil(isTold('tells the time again'), { timeout: 20_000 })
  await time.close()
})

test('a start waits for a PostgreSQL that is just coming up', async () => {
  await using network = await startNetwork(database.url, { isCut: true })
  const opening = openDatabaseTime({ databaseUrl: network.url, role: 'engine', log: silent })
  await vi.waitUntil(() => network.refused() > 1, { timeout: 10_000 })
  network.mend()
  const time = await opening
  const beforeMs = time.nowMs()
  expect(await askDatabase()).toBeGreaterThan(beforeMs - toleranceMs)
  await time.close()
})

test('where PostgreSQL cannot be used it says what to do', async () => {
  await using network = await startNetwork(database.url, { isCut: true })
  const options = { role: 'engine', log: silent } as const
  const nobody = openDatabaseTime({ databaseUrl: network.url, ...options, patienceMs: 0, answerLimitMs: 500 })
  await expect(nobody).rejects.toThrow('correct DATABASE_URL')
  const wrong = new URL(database.url)
  wrong.pathname = '/there_is_no_such_database'
  const message = /there_is_no_such_database.*correct DATABASE_URL/
  await expect(openDatabaseTime({ databaseUrl: wrong.href, ...options })).rejects.toThrow(message)
})

const silent = { info: () => {}, warn: () => {} }

async function askDatabase(): Promise<number> {
  const [row] = await asker.db.execute<{ ms: number }>(
    sql`select (extract(epoch from clock_timestamp()) * 1000)::double precision as ms`,
  )
  return row?.ms ?? Number.NaN
}

/** Leads to the server of `databaseUrl` over a port of its own, which can be cut and mended. */
async function startNetwork(databaseUrl: string, { isCut }: { isCut: boolean }) {
  const target = new URL(databaseUrl)
  const sockets = new Set<Socket>()
  const state = { isCut, refused: 0 }
  const server = createServer((incoming) => {
    if (state.isCut) {
      state.refused += 1
      incoming.destroy()
      return
    }
    const outgoing = connectTo(Number(target.port || 5432), target.hostname)
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    incoming.pipe(outgoing).pipe(incoming)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = new URL(databaseUrl)
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' && address ? address.port : 0)
  const cut = () => {
    state.isCut = true
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: url.href,
    refused: () => state.refused,
    cut,
    mend: () => {
      state.isCut = false
    },
    async [Symbol.asyncDispose]() {
      cut()
      server.close()
      await once(server, 'close')
    },
  }
}
