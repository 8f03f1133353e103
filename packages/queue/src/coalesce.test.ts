import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coalesce } from './coalesce.ts'

describe('coalesce', () => {
  test('what comes while one is sent is sent once more, with the latest value', async () => {
    const sent: number[] = []
    const gate = Promise.withResolvers<void>()
    const add = coalesce<number>(async (_key, value) => {
      sent.push(value)
      await gate.promise
    })
    const all = [1, 2, 3, 4].map((value) => add('trunk', value))
    expect(sent).toEqual([1])
    gate.resolve()
    await Promise.all(all)
    expect(sent).toEqual([1, 4])
  })

  test('keys do not wait for each other', async () => {
    const sent: string[] = []
    const add = coalesce<null>(async (key) => void sent.push(key))
    await Promise.all([add('a', null), add('b', null)])
    expect(sent).toEqual(['a', 'b'])
  })

  test('no call is answered by a send that began before it, and sends of a key never overlap', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.constantFrom('a', 'b'), { maxLength: 30 }), async (s, keys) => {
        let now = 0
        let active: string[] = []
        let overlaps = 0
        const began = new Map<string, number>()
        const add = coalesce<number>(async (key) => {
          if (active.includes(key)) overlaps++
          active.push(key)
          began.set(key, now++)
          await s.schedule(Promise.resolve(), key)
          active = active.filter((each) => each !== key)
        })
        const calls = keys.map((key) =>
          s.schedule(Promise.resolve(), 'call').then(async () => {
            const calledAt = now++
            await add(key, calledAt)
            return (began.get(key) ?? -1) > calledAt
          }),
        )
        await s.waitFor(Promise.all(calls))
        expect([overlaps, await Promise.all(calls)]).toEqual([0, keys.map(() => true)])
      }),
    )
  })
})
