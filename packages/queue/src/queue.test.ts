import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Payloads } from './queue.ts'
import { backends } from './testing/servers.ts'
import { useQueue } from './testing/use-queue.ts'

const patience = { timeout: 15_000, interval: 5 }

describe.each(backends)('$name: ticks', (backend) => {
  const using = useQueue(backend)

  test('a hundred at once, from two processes, while one runs: one more run and never two at a time', async () => {
    const [first, second] = [await using.open(), await using.open()]
    const trunkId = randomUUID()
    const release = Promise.withResolvers<void>()
    const seen = { started: 0, active: 0, mostActive: 0 }
    const handler = async () => {
      seen.started++
      seen.mostActive = Math.max(seen.mostActive, ++seen.active)
      await release.promise
      seen.active--
    }
    for (const { queue } of [first, second]) await queue.work('tick', handler, { concurrency: 10 })
    await first.queue.tick(trunkId)
    await expect.poll(() => seen.started, patience).toBe(1)
    await Promise.all(Array.from({ length: 100 }, (_, i) => (i % 2 ? first : second).queue.tick(trunkId)))
    release.resolve()
    await expect.poll(() => seen.started, patience).toBe(2)
    await passOneTick(first.queue, seen)
    expect(seen).toMatchObject({ started: 3, mostActive: 1 })
  })

  test('after every tick a run begins, however they meet', async () => {
    const [producer, consumer] = [await using.open(), await using.open()]
    const trunkId = randomUUID()
    const state = { told: 0, seen: 0 }
    const handler = async () => {
      state.seen = state.told
      await new Promise(setImmediate)
    }
    await consumer.queue.work('tick', handler, { concurrency: 4 })
    for (let i = 0; i < 300; i++) {
      state.told++
      await producer.queue.tick(trunkId)
      await consumer.queue.tick(trunkId)
    }
    await expect.poll(() => state.seen, patience).toBe(300)
  })

  test('trunks do not wait for each other', async () => {
    const { queue } = await using.open()
    const bothRun = Promise.withResolvers<void>()
    const trunks = new Set<string>()
    await queue.work(
      'tick',
      async ({ trunkId }) => {
        trunks.add(trunkId)
        if (trunks.size === 2) bothRun.resolve()
        await bothRun.promise
      },
      { concurrency: 2 },
    )
    await Promise.all([queue.tick(randomUUID()), queue.tick(randomUUID())])
    await bothRun.promise
    expect(trunks.size).toBe(2)
  })

  /** A tick of another trunk, added last: when it has run, nothing else is left to run. */
  async function passOneTick(queue: { tick(trunkId: string): Promise<void> }, seen: { started: number }) {
    const before = seen.started
    await queue.tick(randomUUID())
    await expect.poll(() => seen.started, patience).toBeGreaterThan(before)
  }
})

describe.each(backends)('$name: delayed ticks', (backend) => {
  const using = useQueue(backend)

  /** Counts runs per trunk. A sentinel that is due after everything else tells when to look. */
  async function openCounting() {
    const { queue } = await using.open()
    const runs = new Map<string, number>()
    const count = async ({ trunkId }: Payloads['tick']) => void runs.set(trunkId, (runs.get(trunkId) ?? 0) + 1)
    await queue.work('tick', count, { concurrency: 5 })
    const waitFor = (trunkId: string) => expect.poll(() => runs.get(trunkId), patience).toBeGreaterThan(0)
    return { queue, runs, waitFor }
  }

  test('a later call replaces an earlier one, sooner or later', async () => {
    const { queue, runs, waitFor } = await openCounting()
    const [sooner, later, sentinel] = [randomUUID(), randomUUID(), randomUUID()]
    await queue.tick(sooner, { delayMs: 3_600_000 })
    await queue.tick(sooner, { delayMs: 50 })
    await queue.tick(later, { delayMs: 400 })
    await queue.tick(later, { delayMs: 3_600_000 })
    await queue.tick(sentinel, { delayMs: 1_000 })
    await waitFor(sentinel)
    expect([runs.get(sooner), runs.get(later)]).toEqual([1, undefined])
  })

  test('it neither swallows nor holds up an immediate tick, and is not swallowed by it', async () => {
    const { queue, runs, waitFor } = await openCounting()
    const [trunkId, waiting, sentinel] = [randomUUID(), randomUUID(), randomUUID()]
    await queue.tick(waiting, { delayMs: 3_600_000 })
    await queue.tick(waiting)
    await waitFor(waiting)
    await queue.tick(trunkId, { delayMs: 400 })
    await queue.tick(trunkId)
    await waitFor(trunkId)
    await queue.tick(sentinel, { delayMs: 1_000 })
    await waitFor(sentinel)
    expect([runs.get(trunkId), runs.get(waiting)]).toEqual([2, 1])
  })

  test('one that is planned while its trunk is being looked at happens', async () => {
    const { queue } = await using.open()
    const trunkId = randomUUID()
    let runs = 0
    const planNext = async () => {
      if (++runs < 5) await queue.tick(trunkId, { delayMs: 20 })
    }
    await queue.work('tick', planNext, { concurrency: 5 })
    await queue.tick(trunkId, { delayMs: 20 })
    await expect.poll(() => runs, patience).toBe(5)
  })
})

describe.each(backends)('$name: other wake-ups', (backend) => {
  const using = useQueue(backend)

  test('a campaign is filled by one at a time', async () => {
    const { queue } = await using.open()
    const release = Promise.withResolvers<void>()
    const started: string[] = []
    await queue.work(
      'fill',
      async ({ campaignId }) => {
        started.push(campaignId)
        await release.promise
      },
      { concurrency: 5 },
    )
    const [campaignId, other] = [randomUUID(), randomUUID()]
    await queue.fill(campaignId)
    await expect.poll(() => started, patience).toEqual([campaignId])
    await queue.fill(campaignId)
    await queue.fill(other)
    await expect.poll(() => started, patience).toEqual([campaignId, other])
    release.resolve()
    await expect.poll(() => started, patience).toEqual([campaignId, other, campaignId])
  })

  test.each(['apply', 'notify'] as const)('%s runs in four lanes at once, and no more', async (name) => {
    const { queue } = await using.open()
    const release = Promise.withResolvers<void>()
    let started = 0
    const handler = async () => {
      started++
      await release.promise
    }
    const consumer = await queue.work(name, handler, { concurrency: 20 })
    await Promise.all([1, 2, 3, 4].map(() => queue[name]()))
    await expect.poll(() => started, patience).toBe(4)
    await Promise.all(Array.from({ length: 12 }, () => queue[name]()))
    expect(started).toBe(4)
    release.resolve()
    await expect.poll(() => started, patience).toBe(8)
    await consumer.close()
    expect(started).toBe(8)
  })
})
