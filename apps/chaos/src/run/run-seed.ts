import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { Evidence } from '@outdial/judge/evidence'
import { judge } from '@outdial/judge/judge'
import type { Facts } from '@outdial/judge/verdict'
import type { Plan } from '../plan/plan.ts'
import { evidence } from '../world/evidence.ts'
import { openWorld } from '../world/world.ts'
import { createOutages } from './break-things.ts'
import { drain, type Stuck } from './drain.ts'
import { nameOf, pointsOf, superviseFleet } from './fleet.ts'
import { findLeftovers } from './leftovers.ts'
import { readLoggedErrors } from './log-errors.ts'
import { countTrunks, prepare } from './prepare.ts'
import { type Deed, playTimeline, type Stage } from './timeline.ts'

export type Backend = 'postgres' | 'redis'

/** Something that must not be: `rule` is one of the judge's, or one of what is looked at here. */
export type Breach = { rule: string; message: string; evidence: unknown }

export type SeedResult = {
  seed: number
  backend: Backend
  facts: Facts
  /** Done, deaths at named points included. */
  faults: number
  breaches: Breach[]
  seconds: number
  /** To be kept when something is wrong: what was done, seen, decided and said. */
  record: { deeds: Deed[]; evidence: Evidence; logs: { name: string; text: string }[]; stuck: Stuck[] }
}

/** Real time for starting and preparing everything; the domain clock begins so much earlier. */
const setUpMs = 9_000

/** One seed from an empty database to the verdict. Leaves nothing behind. */
export async function runSeed(plan: Plan, backend: Backend): Promise<SeedResult> {
  const startedMs = Date.now()
  await using parts = new AsyncDisposableStack()
  const world = await openWorld({
    ...{ backend, seed: plan.seed, speed: plan.speed, startMs: plan.startMs - setUpMs * plan.speed },
    ...{ workspaces: plan.workspaces.length, livekitTrunks: countTrunks(plan) },
    envOf: (role, index) => ({ FAIL_AT: pointsOf(plan.failures, nameOf(role, index))[0] ?? '' }),
    skewOf: (_, index) => (index === 1 ? plan.skewMs : 0),
  })
  parts.defer(() => world.close())
  const outages = createOutages()
  const fleet = superviseFleet(world, {
    failures: plan.failures,
    isOut: (sinceMs) => outages.overlaps(sinceMs, Date.now()),
  })
  parts.defer(() => fleet.release())
  const tenants = await prepare(world, plan).catch((cause: unknown) => {
    const errors = world.roles.flatMap((role) => role.errors().slice(-2)).join('\n')
    throw new Error(`the world could not be prepared: ${String(cause)}\n${errors.slice(0, 4_000)}`, { cause })
  })
  const beganMs = Math.max(Date.now(), world.clock.originMs + setUpMs)
  const stage = { world, plan, tenants, fleet, outages, beganMs }
  const { deeds, faults } = await playTimeline(stage)
  await calm(stage)
  const stuck = await drain(stage).catch((error: unknown) => {
    deeds.push({ atMs: Date.now() - beganMs, tookMs: 0, what: 'drain', problem: describe(error) })
    return []
  })
  fleet.release()
  const result = await decide(stage, { stuck, deeds })
  const done = faults + fleet.deathsAtPoints()
  return { ...result, seed: plan.seed, backend, faults: done, seconds: Math.round((Date.now() - startedMs) / 100) / 10 }
}

/** The faults are over: the network does as it should, and nobody dies any more. */
async function calm({ world, fleet, plan, beganMs }: Stage): Promise<void> {
  await delay(Math.max(0, beganMs + plan.schedule.calmMs - Date.now()))
  await world.simulator.control('DELETE', '/faults')
  await fleet.disarm()
}

async function decide(stage: Stage, { stuck, deeds }: { stuck: Stuck[]; deeds: Deed[] }) {
  const { world, plan } = stage
  const found = await evidence(world)
  const verdict = judgeSafely(found, { clockSpeed: plan.speed, expectFinished: stuck.length === 0 })
  const breaches: Breach[] = [
    ...verdict.violations,
    ...stuck.map((each) => stuckBreach(each)),
    ...(await findLeftovers(world.sql)).map(({ what, rows }) => ({ rule: 'leftovers', message: what, evidence: rows })),
    ...deeds.flatMap(({ problem, what }) => (problem ? [{ rule: 'answer', message: problem, evidence: what }] : [])),
    ...breachesOfProcesses(stage),
  ]
  const logs = [
    ...world.roles.map((role) => ({ name: `${role.role}-${role.port}`, text: role.log() })),
    { name: 'postgres', text: await readFile(join(world.directory, 'postgres.log'), 'utf8').catch(String) },
  ]
  return { facts: verdict.facts, breaches, record: { deeds, evidence: found, logs, stuck } }
}

/** Real time that a request takes to the network at the most, more or less, on a machine that is being torn at. */
const paceJitterMs = 250
/** After a pause was answered. On a quiet machine it is far below a second: `npm run measure`. */
const pauseGraceMs = 1_500

function judgeSafely(found: Evidence, options: { clockSpeed: number; expectFinished: boolean }) {
  try {
    return judge({ ...found, options: { ...options, paceJitterMs, pauseGraceMs } })
  } catch (error) {
    const { facts } = judge({ ledger: [], log: [], options })
    return {
      facts: { ...facts, invites: found.ledger.length },
      violations: [{ rule: 'judge', message: describe(error), evidence: null }],
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.stack}` : String(error)
}

function stuckBreach({ campaign, standing, contacts }: Stuck): Breach {
  const { executionStatus, notCalling, contacts: counts } = standing
  const why = notCalling ? `${notCalling.code}: ${notCalling.reason}` : 'it says that it is calling'
  const message = `${campaign} does not end. It is ${executionStatus}; ${JSON.stringify(counts)}; ${why}`
  return { rule: 'stuck', message, evidence: { standing, contacts } }
}

function breachesOfProcesses({ fleet, outages, world, plan }: Stage): Breach[] {
  const breaksLiveKit = plan.faults.some(({ kind }) => kind === 'livekit')
  const { unexpected } = readLoggedErrors(world, { outages, breaksLiveKit })
  const crashes = fleet.crashes().map((message) => ({ rule: 'crash', message, evidence: null }))
  if (unexpected.length === 0) return crashes
  const message = `the processes logged ${unexpected.length} errors that no fault explains`
  return [...crashes, { rule: 'logged-errors', message, evidence: unexpected.slice(0, 20) }]
}
