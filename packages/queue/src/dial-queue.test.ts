import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { openBackend } from './backend.ts'
import { backends } from './testing/servers.ts'
import { useQueue } from './testing/use-queue.ts'

const patience = { timeout: 15_000, interval: 5 }

describe.each(backends)('$name: dialing', (backend) => {
  const using = useQueue(backend)

  test('each of many calls is handed out once, though added twice while it waits', async () => {
    const { queue } = await using.open()
    const dialed: string[] = []
    const calls = Array.from({ length: 1_200 }, () => ({ callId: randomUUID(), delayMs: 0 }))
    await queue.dial([...calls, ...calls])
    await queue.dial(calls)
    await queue.work('dial', async ({ callId }) => void dialed.push(callId), { concurrency: 20 })
    await expect.poll(() => dialed.length, patience).toBeGreaterThanOrEqual(1_200)
    const last = randomUUID()
    await queue.dial([{ callId: last, delayMs: 0 }])
    await expect.poll(() => dialed, patience).toContain(last)
    expect([dialed.length, new Set(dialed).size]).toEqual([1_201, 1_201])
  })

  test('a call is dialed after its delay, not before others that are due earlier', async () => {
    const { queue } = await using.open()
    const dialed: string[] = []
    await queue.work('dial', async ({ callId }) => void dialed.push(callId), { concurrency: 1 })
    await queue.dial([
      { callId: 'third', delayMs: 600 },
      { callId: 'second', delayMs: 300.5 },
      { callId: 'first', delayMs: -5 },
    ])
    await expect.poll(() => dialed, patience).toEqual(['first', 'second', 'third'])
  })

  test('a call that is flushed and added again while it is dialed ends twice, and that is no error', async () => {
    const [first, second] = [await using.open(), await using.open()]
    const call = { callId: randomUUID(), delayMs: 0 }
    const next = { callId: randomUUID(), delayMs: 0 }
    const [begun, again] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const [ends, over] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const dial = async ({ callId }: { callId: string }) => {
      if (callId === next.callId) return over.resolve()
      begun.resolve()
      await ends.promise
    }
    const dialAgain = async () => {
      again.resolve()
      await over.promise
    }
    await first.queue.work('dial', dial, { concurrency: 1 })
    await first.queue.dial([call])
    await begun.promise
    const intruder = await openBackend({ ...using.server, onError: () => {} })
    const raw = intruder.createQueue('dial', {})
    await raw.obliterate({ force: true })
    await raw.close()
    await intruder.close()
    await second.queue.work('dial', dialAgain, { concurrency: 1 })
    await first.queue.dial([call])
    await again.promise
    ends.resolve()
    // Whoever takes it has ended the call before.
    await first.queue.dial([next])
    await over.promise
    expect([...first.errors, ...second.errors]).toEqual([])
  })

  test('a finished call can be added again, also when its handler failed', async () => {
    const { queue, errors } = await using.open()
    const again = { callId: randomUUID(), delayMs: 0 }
    const [last, seenLast] = [{ callId: randomUUID(), delayMs: 0 }, Promise.withResolvers<void>()]
    let dialed = 0
    const handler = async ({ callId }: { callId: string }) => {
      if (callId === last.callId) return seenLast.resolve()
      dialed++
      throw new Error('no permit')
    }
    await queue.work('dial', handler, { concurrency: 1 })
    for (let i = 1; i <= 3; i++) {
      await expect
        .poll(async () => {
          await queue.dial([again])
          return dialed
        }, patience)
        .toBeGreaterThanOrEqual(i)
    }
    // What is added last runs last: nothing of this test is left for the next one.
    await queue.dial([last])
    await seenLast.promise
    await expect.poll(() => errors.length, patience).toBe(dialed)
    expect(errors[0]).toMatchObject({ queue: 'dial', payload: { callId: again.callId } })
    expect(errors[0]?.error.message).toBe('no permit')
  })

  test('a malformed job is dropped and reported, and the next one runs', async () => {
    const { queue, errors } = await using.open()
    const intruder = await openBackend({ ...using.server, onError: () => {} })
    const raw = intruder.createQueue('dial', {})
    await raw.add('dial', { call: 'no id here' }, { removeOnComplete: true })
    await raw.add('dial', { callId: 'not an id' }, { removeOnComplete: true })
    await raw.close()
    await intruder.close()
    const dialed: string[] = []
    await queue.work('dial', async ({ callId }) => void dialed.push(callId), { concurrency: 1 })
    await queue.dial([{ callId: 'good', delayMs: 0 }])
    await expect.poll(() => dialed, patience).toEqual(['good'])
    const dropped = expect.stringMatching(/^dropped a malformed dial job/)
    expect(errors.map(({ error }) => error.message)).toEqual([dropped, dropped])
  })

  test('closing a consumer waits for what runs and takes no more', async () => {
    const { queue } = await using.open()
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const finished: string[] = []
    const consumer = await queue.work(
      'dial',
      async ({ callId }) => {
        started.resolve()
        await release.promise
        finished.push(callId)
      },
      { concurrency: 1 },
    )
    await queue.dial([{ callId: 'ringing', delayMs: 0 }])
    await started.promise
    await queue.dial([{ callId: 'queued', delayMs: 0 }])
    const closed = consumer.close()
    release.resolve()
    await closed
    expect(finished).toEqual(['ringing'])
    const successor = await using.open()
    await successor.queue.work('dial', async ({ callId }) => void finished.push(callId), { concurrency: 1 })
    await expect.poll(() => finished, patience).toEqual(['ringing', 'queued'])
  })
})
