import { setTimeout as delay } from 'node:timers/promises'
import type { Failure, ProcessName, Role } from '../plan/faults.ts'
import type { RoleProcess } from '../world/role-process.ts'
import type { World } from '../world/world.ts'

/** All processes of the roles under a supervisor: whatever ends is started again, as an orchestrator would. */
export type Fleet = {
  kill(name: ProcessName): void
  /** One after the other in good order, each replaced before the next one goes. */
  roll(role: Role): Promise<void>
  hang(names: ProcessName[], forMs: number): Promise<void>
  /** Nobody dies at a named point any more. */
  disarm(): Promise<void>
  /** Ends the supervision; the processes stay as they are. */
  release(): void
  /** How often somebody died at a named point. */
  deathsAtPoints(): number
  /** Ends that nobody asked for and no fault explains. */
  crashes(): string[]
}

const restartAfterMs = 150
/** Longer than LiveKit's silence may take, for which a dial worker waits before it goes. */
const stopPatienceMs = 25_000

type Member = {
  name: ProcessName
  process: RoleProcess
  /** Where its next lives are to end. */
  points: string[]
  /** This life has a point at which it ends. */
  armed: boolean
  lifeFromMs: number
}

/** What the supervisor knows of everybody. */
type Watch = {
  members: Member[]
  released: boolean
  deaths: number
  crashes: string[]
  /** Whether a store was away at some time since then: who starts meanwhile may give up. */
  isOut(sinceMs: number): boolean
}

export const nameOf = (role: Role, index: number): ProcessName => `${role}-${index + 1}`

/** Values of `FAIL_AT` for the lives of a process, in their order. */
export function pointsOf(failures: Failure[], name: ProcessName): string[] {
  return failures.filter(({ process }) => process === name).map(({ point, nth }) => `${point}@${nth}`)
}

/** Takes over the processes of a world that were started with the first of their points. */
export function superviseFleet(world: World, options: { failures: Failure[]; isOut: Watch['isOut'] }): Fleet {
  const members = (['api', 'scheduler', 'dial-worker', 'webhooks'] as const).flatMap((role) =>
    world.rolesOf(role).map((process, index): Member => {
      const [first, ...points] = pointsOf(options.failures, nameOf(role, index))
      return { name: nameOf(role, index), process, points, armed: first !== undefined, lifeFromMs: Date.now() }
    }),
  )
  const watch: Watch = { members, released: false, deaths: 0, crashes: [], isOut: options.isOut }
  for (const member of members) void supervise(watch, member)
  const find = (name: ProcessName) => members.find((member) => member.name === name)
  return {
    kill: (name) => find(name)?.process.kill('SIGKILL'),
    async roll(role) {
      const own = members.filter(({ name }) => name.startsWith(role))
      for (const member of own) if (member.process.isRunning()) await replace(watch, member)
    },
    async hang(names, forMs) {
      const lives = names.flatMap((name) => find(name)?.process.child ?? [])
      for (const life of lives) life.kill('SIGSTOP')
      await delay(forMs)
      for (const life of lives) life.kill('SIGCONT')
    },
    async disarm() {
      const armed = members.filter((member) => member.armed)
      for (const member of members) member.points = []
      await Promise.all(armed.map((member) => replace(watch, member)))
    },
    release: () => {
      watch.released = true
    },
    deathsAtPoints: () => watch.deaths,
    crashes: () => [...watch.crashes],
  }
}

async function supervise(watch: Watch, member: Member): Promise<void> {
  for (;;) {
    const ending = await member.process.exited()
    if (watch.released) return
    if (member.armed && !ending.asked && ending.signal === 'SIGKILL') watch.deaths += 1
    else {
      const crash = explainEnding(member, ending, watch.isOut(member.lifeFromMs))
      if (crash) watch.crashes.push(crash)
    }
    await delay(restartAfterMs)
    if (watch.released) return
    const point = member.points.shift() ?? ''
    member.armed = point !== ''
    member.lifeFromMs = Date.now()
    member.process.start({ FAIL_AT: point })
  }
}

/** Ends it in good order and waits until the supervisor has another one that can work. */
async function replace(watch: Watch, { process }: Member): Promise<void> {
  const before = process.child
  process.kill('SIGTERM')
  const timer = setTimeout(() => process.kill('SIGKILL'), stopPatienceMs)
  while (process.child === before && !watch.released) await delay(50)
  clearTimeout(timer)
  await process.ready().catch(() => undefined)
}

type Ending = { asked: boolean; code: number | null; signal: NodeJS.Signals | null }

function explainEnding(member: Member, ending: Ending, wasOut: boolean): string | undefined {
  if (ending.asked && (ending.signal !== null || ending.code === 0)) return undefined
  const words = member.process.log().trim().split('\n').slice(-3).join('\n')
  if (wasOut && (ending.asked || words.includes('could not start'))) return undefined
  const how = ending.signal ? `by ${ending.signal}` : `with exit code ${ending.code}`
  return `${member.name} ended ${how}${ending.asked ? ' when it was asked to stop' : ''}. Its last words:\n${words.slice(-2_000)}`
}
