import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Runs `work` while no other process of this machine runs its own under the same folder. Lamport's bakery, with files
 * for tickets: a ticket carries the process it belongs to and is void when that process is gone, so that nothing has
 * to be cleaned up after a crash, and nobody can take a lock away from somebody who lives.
 */
export async function withLock(folder, { onWait }, work) {
  mkdirSync(folder, { recursive: true })
  const me = `${process.pid}-${startTimeOf(process.pid)}`
  const choosing = join(folder, `choosing-0-${me}`)
  writeFileSync(choosing, '')
  const number = Math.max(0, ...ticketsIn(folder).map((ticket) => ticket.number)) + 1
  const mine = join(folder, `ticket-${number}-${me}`)
  writeFileSync(mine, '')
  rmSync(choosing)
  try {
    let told = false
    for (;;) {
      const first = whoIsBefore(folder, { number, me })
      if (!first) break
      if (!told) onWait(first.pid)
      told = true
      await delay(100)
    }
    return await work()
  } finally {
    rmSync(mine, { force: true })
  }
}

/** Whoever is still choosing may come out before us, and only after that are the numbers final. */
function whoIsBefore(folder, { number, me }) {
  const isOther = (entry) => entry.owner !== me
  const chooser = entriesIn(folder).find((entry) => entry.kind === 'choosing' && isOther(entry))
  const isBefore = (entry) => entry.number < number || (entry.number === number && entry.owner < me)
  return chooser ?? ticketsIn(folder).find((entry) => isOther(entry) && isBefore(entry))
}

const ticketsIn = (folder) => entriesIn(folder).filter((entry) => entry.kind === 'ticket')

function entriesIn(folder) {
  const found = []
  for (const name of readdirSync(folder)) {
    const [kind, number, pid, startTime] = name.split('-')
    const entry = { kind, number: Number(number), pid: Number(pid), owner: `${pid}-${startTime}` }
    if (isRunning(entry.pid, startTime)) found.push(entry)
    else rmSync(join(folder, name), { force: true })
  }
  return found
}

function isRunning(pid, startTime) {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (error.code !== 'EPERM') return false
  }
  return startTimeOf(pid) === startTime
}

/** Tells a process from a later one with the same number, where /proc can (proc(5), field 22 of stat). */
function startTimeOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]
  } catch {
    return '0'
  }
}
