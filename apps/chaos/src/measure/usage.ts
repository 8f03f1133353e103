import { readdir, readFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import type { World } from '../world/world.ts'
import { watchDisk } from './watch-disk.ts'

/** Processor time so far by part of the world, in ms. */
type Times = Map<string, number>

/** What a measurement took of the machine; a machine that has no time left or a slow disk is what is measured then. */
export type Usage = {
  /** Of all processors, by everything that ran. */
  machineBusyPercent: number
  /** How long the longest write took to be on the disk for good. */
  longestSyncMs: number
  /** By part of the world, in ms. Only known where there is /proc. */
  processorMs: Record<string, number>
}

/** Starts counting; what comes back tells what was used since. */
export async function countUsage(world: World): Promise<() => Promise<Usage>> {
  const before = { machine: readMachine(), times: await readTimes(world) }
  const endWatch = watchDisk(world.directory)
  return async () => {
    const machine = readMachine()
    const times = await readTimes(world)
    const busy = (machine.busy - before.machine.busy) / (machine.total - before.machine.total)
    return {
      machineBusyPercent: Math.round(100 * busy),
      longestSyncMs: Math.round(await endWatch()),
      processorMs: Object.fromEntries([...times].map(([part, ms]) => [part, ms - (before.times.get(part) ?? 0)])),
    }
  }
}

function readMachine(): { busy: number; total: number } {
  const all = cpus().map(({ times }) => times)
  const total = all.flatMap((times) => Object.values(times)).reduce((sum, ms) => sum + ms, 0)
  return { total, busy: total - all.reduce((sum, times) => sum + times.idle, 0) }
}

async function readTimes(world: World): Promise<Times> {
  const times: Times = new Map()
  if (process.platform !== 'linux') return times
  const add = (part: string, ms: number) => times.set(part, (times.get(part) ?? 0) + ms)
  for (const role of world.roles) add(role.role, (await readProcess(role.child.pid))?.ms ?? 0)
  add('simulator', (await readProcess(world.simulator.process.child.pid))?.ms ?? 0)
  const [own] = await world.sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  const server = (await readProcess(own?.pid))?.parent
  for (const pid of await readdir('/proc')) {
    const found = /^\d+$/.test(pid) ? await readProcess(Number(pid)) : undefined
    if (found && (found.parent === server || Number(pid) === server)) add('postgresql', found.ms)
  }
  return times
}

const msPerTick = 10

/** From proc(5): after the name in parentheses come the state, the parent, and as 14th to 17th the times in ticks. */
async function readProcess(pid: number | undefined): Promise<{ parent: number; ms: number } | undefined> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  if (!text) return undefined
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
  return { parent: Number(fields[1]), ms: ticks * msPerTick }
}
