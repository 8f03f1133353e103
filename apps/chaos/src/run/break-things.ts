import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../plan/faults.ts'
import type { World } from '../world/world.ts'
import type { Fleet } from './fleet.ts'

/** Times at which a store was away, for those who must tell a fault from its consequences. */
export type Outages = {
  /** Runs `work` while a store is away because of it; one at a time per store. */
  during(store: 'postgres' | 'redis', work: () => Promise<void>): Promise<void>
  /** Whether some store was away, or had just come back, at some time between the two. */
  overlaps(fromMs: number, toMs: number): boolean
}

/** What a returning store may still cause: connections break when they are used next. */
const aftermathMs = 6_000

export function createOutages(): Outages {
  const spans: { fromMs: number; toMs: number }[] = []
  const turns: Record<string, Promise<void>> = {}
  const away = async (work: () => Promise<void>) => {
    const span = { fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY }
    spans.push(span)
    try {
      await work()
    } finally {
      span.toMs = Date.now()
    }
  }
  return {
    during(store, work) {
      const before = turns[store] ?? Promise.resolve()
      const turn = before.catch(() => undefined).then(() => away(work))
      turns[store] = turn
      return turn
    },
    overlaps: (fromMs, toMs) => spans.some((span) => span.fromMs <= toMs && fromMs <= span.toMs + aftermathMs),
  }
}

type Tools = { world: World; fleet: Fleet; outages: Outages }

/** Does one fault and undoes it when its time is over. False when this world has nothing to break there. */
export async function breakThings(tools: Tools, fault: Fault): Promise<boolean> {
  const { world, fleet, outages } = tools
  const { redis, cluster, simulator } = world
  switch (fault.kind) {
    case 'kill':
      fleet.kill(fault.process)
      return true
    case 'rolling_restart':
      await fleet.roll(fault.role)
      return true
    case 'hang':
      await fleet.hang(fault.processes, fault.forMs)
      return true
    case 'postgres_stop':
      await outages.during('postgres', async () => {
        await cluster.stop(fault.mode)
        await delay(fault.forMs)
        await cluster.start()
      })
      return true
    case 'redis_flush':
      if (redis) await outages.during('redis', () => redis.flush())
      return redis !== null
    case 'redis_restart':
      if (redis) await outages.during('redis', () => redis.restart({ crash: fault.crash, pauseMs: fault.forMs }))
      return redis !== null
    case 'redis_full':
      if (redis) await outages.during('redis', () => fill(redis, fault.forMs))
      return redis !== null
    case 'livekit':
    case 'webhooks':
    case 'reports':
      await simulator.control('POST', '/faults', fault.rule)
      return true
    case 'agents_away':
      await setAgents(world, false)
      await delay(fault.forMs)
      await setAgents(world, true)
      return true
    case 'carrier_limit':
      await limitCarrier(world, fault)
      await delay(fault.forMs)
      await limitCarrier(world, { callsPerSecond: 1_000, concurrency: 100_000 })
      return true
  }
}

async function fill(redis: NonNullable<World['redis']>, forMs: number): Promise<void> {
  await redis.fillMemory()
  await delay(forMs)
  await redis.freeMemory()
}

async function setAgents({ simulator }: World, available: boolean): Promise<void> {
  await simulator.control('POST', '/agents', { name: 'outdial-agent', available })
}

async function limitCarrier(
  { simulator, livekitTrunks }: World,
  { callsPerSecond, concurrency }: { callsPerSecond: number; concurrency: number },
): Promise<void> {
  const limit = ({ id }: { id: string }) =>
    simulator.control('POST', '/trunks', { trunkId: id, callsPerSecond, concurrency, windowMs: 20_000 })
  await Promise.all(livekitTrunks.map(limit))
}
