import { expect, test } from 'vitest'
import { findPorts } from './ports.ts'

test('a port is found once, also by several at the same time who have not begun to listen', async () => {
  const found = await Promise.all(Array.from({ length: 50 }, () => findPorts(10)))
  expect(new Set(found.flat()).size).toBe(500)
})
