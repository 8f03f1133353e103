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

type Member = { name: ProcessName; process: RoleProcess; points: string[]; armed: boolean; lifeFrom: number }

export const nameOf = (role: Role, index: number): ProcessName => `${role}-${index + 1}`

/** The environment that makes a process die at the next of its points; '' takes it away. */
export function failureEnvironment(failures: Failure[], name: ProcessName): string[] {
  return failures.filter(({ process }) => process === name).map(({ point, nth }) => `${point}@${nth}`)
}

/** `isOut` says whether a store was away at some time since then: who starts meanwhile may give up. */
export function superviseFleet(
  world: World,
  options: { failures: Failure[]; isOut: (sinceMs: number) => boolean },
): Fleet {
  const members = (['api', 'scheduler', 'dial-worker', 'webhooks'] as const).flatMap((role) =>
    world.rolesOf(role).map((process, index): Member => {
      const points = failureEnvironment(options.failures, nameOf(role, index))
      return {
        name: nameOf(role, index),
        process,
        points: points.slice(1),
        armed: points.length > 0,
        lifeFrom: Date.now(),
      }
    }),
  )
  const crashes: string[] = []
  let deaths = 0
  let released = false

  const revive = (member: Member) => {
    const point = member.points.shift() ?? ''
    member.armed = point !== ''
    member.lifeFrom = Date.now()
    member.process.start({ FAIL_AT: point })
  }
  const supervise = async (member: Member) => {
    for (;;) {
      const ending = await member.process.exited()
      if (released) return
      if (member.armed && !ending.asked && ending.signal === 'SIGKILL') deaths += 1
      else {
        const crash = explainEnding(member, ending, options.isOut(member.lifeFrom))
        if (crash) crashes.push(crash)
      }
      await delay(restartAfterMs)
      if (released) return
      revive(member)
    }
  }
  for (const member of members) void supervise(member)

  const find = (name: ProcessName) => members.find((member) => member.name === name)
  const replace = async ({ process }: Member) => {
    const before = process.child
    process.kill('SIGTERM')
    const timer = setTimeout(() => process.kill('SIGKILL'), stopPatienceMs)
    while (process.child === before && !released) await delay(50)
    clearTimeout(timer)
    await process.ready().catch(() => undefined)
  }
  return {
    kill: (name) => find(name)?.process.kill('SIGKILL'),
    async roll(role) {
      for (const member of members)
        if (member.name.startsWith(role) && member.process.isRunning()) await replace(member)
    },
    async hang(names, forMs) {
      const hung = names.flatMap((name) => find(name)?.process ?? [])
      const lives = hung.map((process) => process.child)
      for (const life of lives) life.kill('SIGSTOP')
      await delay(forMs)
      for (const life of lives) life.kill('SIGCONT')
    },
    async disarm() {
      const armed = members.filter((member) => member.armed)
      for (const member of members) member.points = []
      await Promise.all(armed.map(replace))
    },
    release: () => {
      released = true
    },
    deathsAtPoints: () => deaths,
    crashes: () => [...crashes],
  }
}

type Ending = { asked: boolean; code: number | null; signal: NodeJS.Signals | null }

function explainEnding(member: Member, ending: Ending, wasOut: boolean): string | undefined {
  if (ending.asked && (ending.signal !== null || ending.code === 0)) return undefined
  const words = member.process.log().trim().split('\n').slice(-3).join('\n')
  if (wasOut && (ending.asked || words.includes('could not start'))) return undefined
  const how = ending.signal ? `by ${ending.signal}` : `with exit code ${ending.code}`
  return `${member.name} ended ${how}${ending.asked ? ' when it was asked to stop' : ''}. Its last words:\n${words.slice(-2_000)}`
}
