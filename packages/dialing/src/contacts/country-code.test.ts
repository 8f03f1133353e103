import { describe, expect, it } from 'vitest'
import { countryCode } from './country-code.ts'

describe('a country in a file', () => {
  it.each([
    ['US', 'US'],
    [' us ', 'US'],
    ['U.S.A.', 'US'],
    ['United States', 'US'],
    ['États-Unis', 'US'],
    ['UK', 'GB'],
    ['england', 'GB'],
    ['Vereinigtes Königreich', 'GB'],
    ['DEU', 'DE'],
    ['Deutschland', 'DE'],
    ['Allemagne', 'DE'],
    ['ALEMANIA', 'DE'],
    ["Côte d'Ivoire", 'CI'],
    ['Österreich', 'AT'],
    ['The Netherlands', 'NL'],
  ])('%s is %s', (text, code) => {
    expect(countryCode(text)).toBe(code)
  })

  it.each(['', '  ', '33', 'EU', 'XX', 'ZZ', 'Europe', 'unknown', 'constructor', 'n/a'])('%j is none', (text) => {
    expect(countryCode(text)).toBeUndefined()
  })
})
