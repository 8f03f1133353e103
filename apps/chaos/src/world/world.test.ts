import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { evidence } from './evidence.ts'
import { openWorld } from './world.ts'

const roles = { api: 1, scheduler: 1, 'dial-worker': 1, webhooks: 1 }
const timeout = 120_000
const patience = { timeout: 30_000, interval: 100 }

test('its parts can be broken and come back', { timeout }, async () => {
  await using parts = new AsyncDisposableStack()
  const world = await openWorld({ backend: 'postgres', seed: 1, speed: 10, roles, workspaces: 2, livekitTrunks: 2 })
  parts.defer(world.close)
  await world.sql`create table kept as select 1 as value`
  await world.cluster.stop('immediate')
  await expect(world.sql`select value from kept`).rejects.toThrow()
  await world.cluster.start()
  expect(await world.sql`select value from kept`).toEqual([{ value: 1 }])

  const [worker] = world.rolesOf('dial-worker')
  const firstPid = worker?.child.pid
  worker?.kill('SIGKILL')
  expect(await worker?.exited()).toMatchObject({ signal: 'SIGKILL', asked: true })
  worker?.start()
  await worker?.ready()
  expect(worker?.child.pid).not.toBe(firstPid)

  const { ledger, told } = await evidence(world)
  expect({ ledger, told }).toEqual({ ledger: [], told: { campaigns: [], openCalls: [] } })
  expect(new Set(world.workspaces.map(({ apiKey }) => apiKey)).size).toBe(2)
  expect(new Set(world.livekitTrunks.map(({ id }) => id)).size).toBe(2)
})

test('nothing of it outlives a runner that is killed', { timeout }, async () => {
  const { runner, pids } = await startRunner()
  expect(pids.every(isRunning)).toBe(true)
  runner.kill('SIGKILL')
  await once(runner, 'exit')
  await expect.poll(() => pids.filter(isRunning), patience).toEqual([])
})

/** A process of its own that opens a world and tells who is in it. */
async function startRunner(): Promise<{ runner: ChildProcess; pids: number[] }> {
  const module = fileURLToPath(new URL('world.ts', import.meta.url))
  const script = `
    const { openWorld } = await import(${JSON.stringify(module)})
    const world = await openWorld({ backend: 'postgres', seed: 1, speed: 1, roles: ${JSON.stringify(roles)} })
    const [server] = await world.sql\`select pg_backend_pid() as pid\`
    console.log(JSON.stringify([...world.roles, world.simulator.process].map(({ child }) => child.pid).concat(server.pid)))
    setInterval(() => {}, 60_000)`
  const runner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: runner.stdout })) return { runner, pids: JSON.parse(line) }
  throw new Error('the runner ended before its world was open')
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
