import { expect, test } from 'vitest'
import { chooseFromNumber } from './from-number.ts'

const newYork = '+12125550100'
const alsoNewYork = '+12125550101'
const losAngeles = '+13105550100'
const london = '+442079460000'
const manchester = '+441614960000'

test.each([
  ['the same area code', [losAngeles, newYork, london], '+12125559999', newYork],
  ['the same area code abroad', [newYork, london, manchester], '+441614960999', manchester],
  ['else the same country', [london, losAngeles], '+12125559999', losAngeles],
  ['else any', [london], '+12125559999', london],
  ['numbers that exist on paper only', ['+15550100000', london], '+15550200000', '+15550100000'],
  ['not Canada for the United States', ['+14165550100', losAngeles], '+12125559999', losAngeles],
])('%s', (_rule, numbers, to, chosen) => {
  for (const rotation of [0, 1, 2]) expect(chooseFromNumber({ numbers, to, rotation })).toBe(chosen)
})

test('numbers equally near take turns', () => {
  const numbers = [newYork, losAngeles, alsoNewYork]
  const chosen = [0, 1, 2, 3].map((rotation) => chooseFromNumber({ numbers, to: '+12125559999', rotation }))
  expect(chosen).toEqual([newYork, alsoNewYork, newYork, alsoNewYork])
})

test('there is none to choose from none', () => {
  expect(chooseFromNumber({ numbers: [], to: newYork, rotation: 3 })).toBeUndefined()
})
