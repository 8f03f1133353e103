import { readFileSync } from 'node:fs'
import { IANAZone } from 'luxon'
import { describe, expect, test } from 'vitest'
import { findZone, outdatedZoneRules, zonesOfNumber } from './time-zone.ts'
import { prefixesByZones } from './time-zone-data.generated.ts'
import { parseZoneName } from './zone-name.ts'

describe('zones of a number', () => {
  test.each([
    ['New York', '+12125550100', ['America/New_York']],
    ['Florida, an eastern exchange', '+18505550100', ['America/New_York']],
    ['Florida, a central exchange', '+18502155550', ['America/Chicago']],
    ['London', '+442079460000', ['Europe/London']],
    ['a British mobile, one clock with the islands', '+447911123456', ['Europe/London']],
    ['Paris', '+33199000001', ['Europe/Paris']],
    ['India, under its current name', '+919876543210', ['Asia/Kolkata']],
    ['Nepal', '+9779812345678', ['Asia/Kathmandu']],
    ['Moscow', '+74951234567', ['Europe/Moscow']],
    ['Perth and its neighbour', '+61891234567', ['Australia/Adelaide', 'Australia/Perth']],
    ['Portugal, a mobile', '+351912345678', ['Atlantic/Azores', 'Europe/Lisbon']],
  ])('%s', (_place, e164, zones) => {
    expect(zonesOfNumber(e164)).toEqual(zones)
  })

  test.each([
    ['448', '850', ['America/Chicago', 'America/New_York']],
    ['364', '270', ['America/Chicago', 'America/New_York']],
    ['930', '812', ['America/Chicago', 'America/New_York']],
    ['729', '423', ['America/Chicago', 'America/New_York']],
    ['458', '541', ['America/Boise', 'America/Los_Angeles']],
    ['778', '250', ['America/Edmonton', 'America/Vancouver']],
    ['236', '250', ['America/Edmonton', 'America/Vancouver']],
    ['672', '250', ['America/Edmonton', 'America/Vancouver']],
  ])('area code %s may be on either side of the border that runs through %s', (areaCode, _older, zones) => {
    expect(zonesOfNumber(`+1${areaCode}5550100`)).toEqual(zones)
  })

  test('mobiles are not taken to be in the largest city', () => {
    expect(zonesOfNumber('+61412345678')).toEqual(['Australia/Perth', 'Australia/Sydney'])
    expect(zonesOfNumber('+6281234567890')).toEqual(['Asia/Jakarta', 'Asia/Jayapura'])
    expect(zonesOfNumber('+79161234567')).toEqual([])
  })

  test.each([
    ['toll-free in North America', '+18005550100'],
    ['toll-free in Britain', '+448001111111'],
    ['toll-free in France', '+33800123456'],
    ['international toll-free', '+80012345678'],
    ['an area code that does not exist', '+15550200000'],
    ['not a number', ''],
  ])('are unknown for a number that is %s', (_kind, e164) => {
    expect(zonesOfNumber(e164)).toEqual([])
  })
})

describe('the clock of a contact', () => {
  test.each([
    ['America/Chicago', 'US@America/Chicago'],
    [' america / chicago ', 'US@America/Chicago'],
    ['America/New York', 'US@America/New_York'],
    ['US/Eastern', 'US@America/New_York'],
    ['Asia/Calcutta', 'IN@Asia/Kolkata'],
    ['utc', 'UTC'],
  ])('is the zone it came with: %j', (contactZone, zoneKey) => {
    expect(findZone({ contactZone, e164: '+442079460000' })).toEqual({ zoneKey, source: 'contact' })
  })

  test.each([undefined, '', 'EST', '+02:00', 'Eastern', 'America/Atlantis', '../etc'])(
    'is that of the number when the zone is %j',
    (contactZone) => {
      expect(findZone({ contactZone, e164: '+33199000001' })).toEqual({ zoneKey: 'FR@Europe/Paris', source: 'number' })
    },
  )

  test('is unknown when nothing tells', () => {
    expect(findZone({ e164: '+80012345678' })).toEqual({ zoneKey: '', source: 'unknown' })
    expect(findZone({ e164: '+18005550100' })).toEqual({ zoneKey: 'US@', source: 'unknown' })
  })

  test('is one key for several zones, sorted', () => {
    expect(findZone({ e164: '+14485550100' }).zoneKey).toBe('US-FL@America/Chicago,America/New_York')
  })
})

describe('the rules of the law for a contact', () => {
  test.each([
    ['its country', '+33612345678', undefined, 'FR@Europe/Paris'],
    ['an overseas department', '+262262123456', undefined, 'FR@Indian/Reunion'],
    ['a territory', '+17875550100', undefined, 'US@America/Puerto_Rico'],
    ['the state of its area code', '+13055550100', undefined, 'US-FL@America/New_York'],
    ['a state without rules of its own', '+12125550100', undefined, 'US@America/New_York'],
    ['its own zone as well, in another country', '+33612345678', 'America/New_York', 'FR,US@America/New_York'],
    ['its own zone as well, in a state', '+442079460000', 'America/Detroit', 'US-MI@America/Detroit'],
    [
      'its area code, wherever else in the country it says it is',
      '+13055550100',
      'America/Denver',
      'US-FL@America/Denver',
    ],
    ['two states, each of which counts', '+13055550100', 'America/Detroit', 'US-FL,US-MI@America/Detroit'],
    ['no place with rules that are known', '+442079460000', undefined, 'Europe/London'],
    ['Canada, which shares the calling code', '+16045550100', undefined, 'CA@America/Vancouver'],
  ])('are those of %s', (_whose, e164, contactZone, zoneKey) => {
    expect(findZone({ e164, ...(contactZone === undefined ? {} : { contactZone }) }).zoneKey).toBe(zoneKey)
  })
})

test('every zone of the table is a canonical name that luxon knows, and no prefix appears twice', () => {
  const prefixes = new Set<string>()
  for (const [zones, list] of Object.entries(prefixesByZones)) {
    const names = zones.split(',')
    expect(names).toEqual([...new Set(names)].sort())
    for (const name of names) {
      expect(IANAZone.isValidZone(name)).toBe(true)
      expect(parseZoneName(name)).toBe(name)
    }
    for (const prefix of list.split(' ')) {
      expect(prefix).toMatch(/^\d{1,9}$/)
      expect(prefixes.has(prefix)).toBe(false)
      prefixes.add(prefix)
    }
  }
  expect(prefixes.size).toBeGreaterThan(3_000)
})

test('the licence of the table is beside it', () => {
  expect(readFileSync(new URL('../NOTICE', import.meta.url), 'utf8')).toContain('Apache License')
  expect(readFileSync(new URL('../LICENSE-APACHE-2.0', import.meta.url), 'utf8')).toContain('Version 2.0, January 2004')
})

test('this Node.js knows that British Columbia keeps its summer clock', () => {
  expect(outdatedZoneRules()).toBeUndefined()
})
