import { expect, test } from 'vitest'
import { behaviours } from './behaviours.ts'
import { drawBehaviour } from './distribution.ts'
import { createTelephoneNetwork } from './telephone-network.ts'

const numbers = Array.from({ length: 4000 }, (_, index) => `+1212555${String(index).padStart(4, '0')}`)

test('about 45 per cent answer, a quarter does not, and a few do not exist', () => {
  const drawn = numbers.map((number) => drawBehaviour(7, number, 1))
  const share = (fits: (name: (typeof drawn)[number]) => boolean) => drawn.filter(fits).length / drawn.length
  const isAnswered = (name: (typeof drawn)[number]) => behaviours[name].plan(() => 0.5).ending.kind === 'answer'
  expect(share((name) => isAnswered(name) && name !== 'voicemail')).toBeCloseTo(0.44, 1)
  expect(share((name) => name === 'no_answer')).toBeCloseTo(0.25, 1)
  expect(share((name) => name === 'busy')).toBeCloseTo(0.12, 1)
  expect(share((name) => name === 'invalid')).toBeGreaterThan(0.01)
  expect(share((name) => name === 'invalid')).toBeLessThan(0.06)
})

test('a number that does not exist never does', () => {
  const missing = numbers.filter((number) => drawBehaviour(7, number, 1) === 'invalid')
  expect(missing.length).toBeGreaterThan(0)
  for (const number of missing) expect(drawBehaviour(7, number, 2)).toBe('invalid')
})

test('the same seed plans the same calls, whatever their order; another seed others', () => {
  const plan = (seed: number, order: string[]) => {
    const network = createTelephoneNetwork(seed)
    const planned = [...order, ...order].map((number) => [number, network.plan(number)] as const)
    return planned.map(([number, call]) => JSON.stringify([number, call])).sort()
  }
  const few = numbers.slice(0, 50)
  expect(plan(7, few)).toEqual(plan(7, few.toReversed()))
  expect(plan(7, few)).not.toEqual(plan(8, few))
})

test('rings last 3 to 25 seconds and talks 20 to 180 seconds of simulated time', () => {
  const network = createTelephoneNetwork(3)
  for (const number of numbers.slice(0, 500)) {
    const { ringAfterMs, ending, behaviour } = network.plan(number)
    if (ending.kind !== 'answer') continue
    const ringMs = ending.afterMs - (ringAfterMs ?? 0)
    expect(ringMs).toBeGreaterThanOrEqual(3_000)
    expect(ringMs).toBeLessThanOrEqual(25_000)
    if (!behaviour.startsWith('answers')) continue
    expect(ending.conversation.talkMs).toBeGreaterThanOrEqual(20_000)
    expect(ending.conversation.talkMs).toBeLessThanOrEqual(180_000)
  }
})
