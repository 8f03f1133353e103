import { expect, test } from 'vitest'
import { connectionErrors } from './report.ts'

test('the same failure is told once, another one or another queue again', () => {
  const told: string[] = []
  const onError = connectionErrors((error, { queue }) => void told.push(`${queue} ${error.message}`))
  const refused = new Error('refused')
  onError(refused, { queue: 'tick' })
  onError(refused, { queue: 'dial' })
  onError(new Error('refused'), { queue: 'tick' })
  onError(new Error('refused'), { queue: 'fill' })
  onError(new Error('reset'), { queue: 'tick' })
  expect(told).toEqual(['tick refused', 'fill refused', 'tick reset'])
})
