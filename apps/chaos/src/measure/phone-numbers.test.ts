import { expect, test } from 'vitest'
import { fictionalNumbers } from './phone-numbers.ts'

test('numbers are fictional, and all different', () => {
  const numbers = [...fictionalNumbers(10_000), ...fictionalNumbers(500, 10_000)]
  expect(new Set(numbers).size).toBe(10_500)
  expect(numbers.filter((number) => !/^\+1\d{3}55501\d\d$/.test(number))).toEqual([])
  expect(() => fictionalNumbers(100_000)).toThrow('ask for fewer')
})
