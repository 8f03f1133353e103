import { expect, test } from 'vitest'
import { createOutages } from './break-things.ts'

test('one fault at a time is done to a store, and what its outage may still cause is known', async () => {
  const outages = createOutages()
  const done: string[] = []
  const { promise: back, resolve: comeBack } = Promise.withResolvers<void>()
  const first = outages.during('postgres', () => back.then(() => void done.push('first')))
  const second = outages.during('postgres', async () => void done.push('second'))
  await outages.during('redis', async () => void done.push('redis'))
  expect(done).toEqual(['redis'])
  comeBack()
  await Promise.all([first, second])
  expect(done).toEqual(['redis', 'first', 'second'])
  const now = Date.now()
  expect(outages.overlaps(now + 1_000, now + 2_000)).toBe(true)
  expect(outages.overlaps(now + 10_000, now + 20_000)).toBe(false)
  expect(outages.overlaps(now - 60_000, now - 50_000)).toBe(false)
})

test('a fault that fails does not keep the next one from being done', async () => {
  const outages = createOutages()
  const failed = outages.during('redis', async () => {
    throw new Error('it would not stop')
  })
  await expect(failed).rejects.toThrow('it would not stop')
  await expect(outages.during('redis', async () => {})).resolves.toBeUndefined()
})
