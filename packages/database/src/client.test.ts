import { once } from 'node:events'
import { createServer, connect as openSocket, type Socket } from 'node:net'
import { sql } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { connect, type Database } from './client.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

let testDatabase: TestDatabase
let line: Line
let database: Database

beforeAll(async () => {
  testDatabase = await createTestDatabase()
})
afterAll(() => testDatabase.drop())

beforeEach(async () => {
  line = await openLine(testDatabase.url)
  database = connect({ url: line.url, role: 'owner', maxConnections: 1 })
  await database.db.execute(sql`create table if not exists notes (text text)`)
  await database.db.execute(sql`truncate notes`)
})
afterEach(async () => {
  await database.close()
  await line.close()
})

const notes = async () =>
  (await database.db.execute<{ text: string }>(sql`select text from notes`)).map((row) => row.text)

test.each(['end', 'reset'] as const)('a transaction whose connection is lost (%s) is over, all of it', async (how) => {
  const lost = database.db.transaction(async (tx) => {
    await tx.execute(sql`insert into notes values ('before')`)
    line.cut(how)
    await line.opened()
    // By now the pool has a new connection for somebody else: nothing of this transaction may be said on it.
    await tx.execute(sql`insert into notes values ('after')`)
  })
  const other = once(line.server, 'cut').then(() => notes())
  await expect(lost).rejects.toThrow()
  expect(await other).toEqual([])
  expect(await notes()).toEqual([])
})

test.each(['end', 'reset'] as const)(
  'a lost connection (%s) under a query costs that query and nothing else',
  async (how) => {
    // drizzle asks when somebody waits
    const waiting = expect(database.db.execute(sql`select pg_sleep(5)`)).rejects.toThrow()
    await line.carried()
    line.cut(how)
    await waiting
    // A query that meets the connection while it closes is refused too, but never left without an answer.
    await expect.poll(() => notes().catch(String)).toEqual([])
  },
)

test('a transaction does not roll back another one that has its connection now', async () => {
  const { promise: written, resolve: write } = Promise.withResolvers<void>()
  let other: Promise<unknown> | undefined
  const lost = database.db.transaction(async (tx) => {
    await tx.execute(sql`insert into notes values ('lost')`)
    line.cut('end')
    other = database.db.transaction(async (own) => {
      await own.execute(sql`insert into notes values ('kept')`)
      write()
      await own.execute(sql`select pg_sleep(0.05)`)
    })
    await written
    throw new Error('its rollback must not reach the other one')
  })
  await expect(lost).rejects.toThrow()
  await other
  expect(await notes()).toEqual(['kept'])
})

type Line = Awaited<ReturnType<typeof openLine>>

/** Carries bytes to the server until it is cut; new connections are carried again. */
async function openLine(databaseUrl: string) {
  const url = new URL(databaseUrl)
  const target = { host: url.hostname, port: Number(url.port) }
  const pairs = new Set<[Socket, Socket]>()
  const server = createServer((client) => {
    const upstream = openSocket(target)
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const socket of pair) socket.on('error', () => {})
    client.on('data', () => server.emit('carried'))
    client.pipe(upstream).pipe(client)
    client.on('close', () => pairs.delete(pair))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url.hostname = '127.0.0.1'
  url.port = String(typeof address === 'object' ? address?.port : 0)
  return {
    url: url.href,
    server,
    opened: () => once(server, 'connection'),
    carried: () => once(server, 'carried'),
    cut(how: 'end' | 'reset') {
      for (const [client, upstream] of pairs) {
        upstream.destroy()
        if (how === 'reset') client.resetAndDestroy()
        else client.destroy()
      }
      server.emit('cut')
    },
    async close() {
      this.cut('end')
      server.close()
      await once(server, 'close')
    },
  }
}
