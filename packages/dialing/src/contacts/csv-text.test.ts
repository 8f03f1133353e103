import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLine } from './csv-text.ts'

describe('a line of CSV', () => {
  it('quotes what would be read otherwise, and leaves the rest alone', () => {
    expect(csvLine(['Ann', 'Acme, Inc.', 'said "hi"', 'two\nlines', ' spaced', 3, null, undefined, true])).toBe(
      'Ann,"Acme, Inc.","said ""hi""","two\nlines"," spaced",3,,,true\r\n',
    )
  })

  it.each(['=1+1', '+33199000001', '-1', '@sum(A1)', '\tx', '\rx', '=HYPERLINK("http://x","y")'])(
    'disarms the formula %j',
    (formula) => {
      const [[cell]] = parse(csvLine([formula])) as [[string]]
      expect(cell).toBe(`'${formula}`)
    },
  )

  it('keeps numbers and times as they are', () => {
    expect(csvLine([-5, new Date(0)])).toBe('-5,1970-01-01T00:00:00.000Z\r\n')
  })

  it('is read back as it was written, but for the apostrophe before a formula', () => {
    const cell = fc.string({ unit: 'binary' }).filter((text) => text !== '')
    fc.assert(
      fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
        const [row] = parse(csvLine(cells)) as [string[]]
        expect(row.map((text, i) => (cells[i] === text ? text : text.slice(1)))).toEqual(cells)
        expect(row.filter((text) => /^[=+\-@\t\r]/.test(text))).toEqual([])
      }),
    )
  })
})
