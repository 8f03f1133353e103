import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import postgres from 'postgres'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { findAccount } from './embedded/account.ts'
import { findHome } from './embedded/home.ts'
import { startEmbeddedPostgres } from './embedded.ts'

let parent: string
let directory: string
let count = 0
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'outdial-embedded-'))
})
beforeEach(() => {
  count += 1
  directory = join(parent, String(count))
})
afterAll(() => rm(parent, { recursive: true, force: true }))

test('data written before a stop is there after the next start', async () => {
  const first = await startEmbeddedPostgres({ directory })
  expect(first.reused).toBe(false)
  await query(first.url, (sql) => sql`create table kept as select 7 as value`)
  await first.stop()
  const second = await startEmbeddedPostgres({ directory })
  expect(second.reused).toBe(true)
  expect(await query(second.url, (sql) => sql`select value from kept`)).toEqual([{ value: 7 }])
  await second.stop()
  await second.stop()
})

test('it listens on 127.0.0.1 alone, wants the password and keeps it from others', async () => {
  const server = await startEmbeddedPostgres({ directory, temporary: true })
  const listening = await query(
    server.url,
    (sql) => sql`select setting from pg_settings where name = 'listen_addresses'`,
  )
  expect(listening).toEqual([{ setting: '127.0.0.1' }])
  const guess = new URL(server.url)
  guess.password = 'outdial'
  await expect(query(guess.href, (sql) => sql`select 1`)).rejects.toThrow(/password authentication failed/)
  const home = await findHome(directory, await findAccount())
  expect((await stat(join(home.path, 'password'))).mode & 0o777).toBe(0o600)
  await server.stop()
})

test('a second start in the same directory names the process that has it', async () => {
  const server = await startEmbeddedPostgres({ directory, temporary: true })
  await expect(startEmbeddedPostgres({ directory })).rejects.toThrow(`in use by process ${process.pid}`)
  await server.stop()
})

test('a port that is taken is named', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  await expect(startEmbeddedPostgres({ directory, port })).rejects.toThrow(`Port ${port} is in use`)
  other.close()
})

test('a temporary server leaves nothing behind', async () => {
  const server = await startEmbeddedPostgres({ directory, temporary: true })
  const home = await findHome(directory, await findAccount())
  await server.stop()
  await expect(readdir(directory)).rejects.toThrow(/ENOENT/)
  await expect(readdir(home.path)).rejects.toThrow(/ENOENT/)
})

test('the server ends with an owner killed by SIGKILL, and the next start finds the data', async () => {
  const { owner, url } = await startInProcess(directory)
  await query(url, (sql) => sql`create table kept as select 1 as value`)
  owner.kill('SIGKILL')
  await once(owner, 'exit')
  await waitUntil(() =>
    query(url, (sql) => sql`select 1`).then(
      () => false,
      () => true,
    ),
  )
  const next = await startEmbeddedPostgres({ directory })
  expect(await query(next.url, (sql) => sql`select value from kept`)).toEqual([{ value: 1 }])
  await next.stop()
})

test('an owner that simply exits takes the server along', async () => {
  const { owner, url } = await startInProcess(directory)
  owner.kill('SIGTERM')
  await once(owner, 'exit')
  await waitUntil(() =>
    query(url, (sql) => sql`select 1`).then(
      () => false,
      () => true,
    ),
  )
})

test('the lock of a server that is long gone does not stop the next one', async () => {
  const first = await startEmbeddedPostgres({ directory })
  await first.stop()
  const home = await findHome(directory, await findAccount())
  // As after a crash, when the process number was given to somebody else.
  const lock = join(home.path, 'data', 'postmaster.pid')
  await writeFile(
    lock,
    `${process.pid}\n${join(home.path, 'data')}\n1700000000\n5432\n\n127.0.0.1\n        1         1\n`,
  )
  const second = await startEmbeddedPostgres({ directory })
  expect(second.reused).toBe(true)
  await second.stop()
})

test('two first starts at once: one wins, the other is told who', async () => {
  const starts = await Promise.allSettled([startEmbeddedPostgres({ directory }), startEmbeddedPostgres({ directory })])
  const started = starts.filter((start) => start.status === 'fulfilled')
  const refused = starts.filter((start) => start.status === 'rejected')
  expect(started).toHaveLength(1)
  expect(String(refused[0]?.reason)).toContain(`in use by process ${process.pid}`)
  await started[0]?.value.stop()
})

async function query<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** An owner in a process of its own, so that it can be killed. */
async function startInProcess(place: string): Promise<{ owner: ChildProcess; url: string }> {
  const module = fileURLToPath(new URL('embedded.ts', import.meta.url))
  const script = `
    const { startEmbeddedPostgres } = await import(${JSON.stringify(module)})
    const { url } = await startEmbeddedPostgres({ directory: ${JSON.stringify(place)} })
    console.log(url)
    setInterval(() => {}, 60_000)`
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const url of createInterface({ input: owner.stdout })) return { owner, url }
  throw new Error('the owner ended before its server was up')
}

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('the condition did not become true within 10 s')
  }
}
