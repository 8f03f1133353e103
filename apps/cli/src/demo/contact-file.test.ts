import { parsePhoneNumber } from '@outdial/policy/phone-number'
import { findZone } from '@outdial/policy/time-zone'
import { expect, test } from 'vitest'
import { contactsMax, writeContactFile } from './contact-file.ts'

function rowsOf(file: string): string[] {
  return file.trimEnd().split('\r\n').slice(1)
}

/** None of the invented values has a comma within quotes before its number. */
function numberOf(row: string): string {
  return /(?:\(\d{3}\) |\+1 \d{3} |1?\d{3}[-.]?)555[-. ]?\d{4}/.exec(row)?.[0] ?? ''
}

test('every invented contact has a valid fictional number of its own, in many time zones', () => {
  const rows = rowsOf(writeContactFile({ count: contactsMax, seed: 1 }))
  const numbers = rows.map((row) => {
    const parsed = parsePhoneNumber(numberOf(row), 'US')
    return parsed.ok ? parsed.e164 : row
  })
  expect(rows).toHaveLength(contactsMax)
  expect(numbers.filter((number) => !/^\+1[2-9]\d\d55501\d\d$/.test(number))).toEqual([])
  expect(new Set(numbers).size).toBe(contactsMax)
  expect(new Set(numbers.map((e164) => findZone({ e164 }).zoneKey)).size).toBeGreaterThan(5)
})

test('the seed decides who the contacts are', () => {
  const file = writeContactFile({ count: 20, seed: 7 })
  expect(writeContactFile({ count: 20, seed: 7 })).toBe(file)
  expect(writeContactFile({ count: 20, seed: 8 })).not.toBe(file)
  expect(rowsOf(file)).toHaveLength(20)
})
