import fc from 'fast-check'
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

const places: Record<string, { country: string; area: string }> = {
  [newYork]: { country: 'US', area: '212' },
  [alsoNewYork]: { country: 'US', area: '212' },
  [losAngeles]: { country: 'US', area: '310' },
  [london]: { country: 'GB', area: '20' },
  [manchester]: { country: 'GB', area: '161' },
  '+14165550100': { country: 'CA', area: '416' },
  '+33199002991': { country: 'FR', area: '1' },
}

test('whatever the numbers: the nearest there are take equal turns, and no other is ever shown', () => {
  const known = fc.constantFrom(...Object.keys(places))
  fc.assert(
    fc.property(fc.uniqueArray(known, { minLength: 1 }), known, fc.nat(1_000_000), (numbers, to, rotation) => {
      const there = places[to]
      const farness = (number: string) => {
        const here = places[number]
        return here?.country !== there?.country ? 2 : here?.area === there?.area ? 0 : 1
      }
      const least = Math.min(...numbers.map(farness))
      const nearest = numbers.filter((number) => farness(number) === least)
      const chosen = nearest.map((_, i) => chooseFromNumber({ numbers, to, rotation: rotation + i }) ?? '')
      expect(chosen.toSorted()).toEqual(nearest.toSorted())
    }),
  )
})
