import { parsePhoneNumber } from '@outdial/policy/phone-number'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLine } from './csv-text.ts'

/** What a spreadsheet shows in the cells of a line that it splits at commas. */
const cellsOf = (line: string) => parse(line)

describe('a line of CSV', () => {
  it('quotes what would be read otherwise, and leaves the rest alone', () => {
    expect(csvLine(['Ann', 'Acme, Inc.', 'said "hi"', 'two\nlines', ' spaced', 3, null, undefined, true])).toBe(
      'Ann,"Acme, Inc.","said ""hi""","two\nlines"," spaced",3,,,true\r\n',
    )
  })

  it.each([
    ...['=1+1', '+33199000001', '-1', '@sum(A1)', '\tx', '\rx', '\nx', '=HYPERLINK("http://x","y")'],
    ...['＝1+1', '＋1', '－1', '＠x', '﹦1', '−1', ' =1+1', '\u200b=1+1', '\ufeff=1+1', '\t=1+1', "=cmd|' /C calc'!A0"],
  ])('disarms the formula %j', (formula) => {
    expect(cellsOf(csvLine([formula]))[0]?.[0]).toMatch(/^'/)
  })

  it('keeps numbers and times as they are', () => {
    expect(csvLine([-5, new Date(0)])).toBe('-5,1970-01-01T00:00:00.000Z\r\n')
  })

  it('leaves a telephone number whole, for people and for our own imports', () => {
    const [[cell]] = cellsOf(csvLine(['+14155550132'])) as [[string]]
    expect(cell).toBe("'+14155550132")
    expect(parsePhoneNumber(cell)).toMatchObject({ ok: true, e164: '+14155550132' })
  })

  it.each([
    ['Yes; =1+1', "Yes; '=1+1"],
    ['Yes;"=1+1', `Yes;"'=1+1`],
    ['one\n+two\r\n\t@three', "one\n'+two\r\n\t'@three"],
    ['a-b; c = d, -5 and x@example.org', 'a-b; c = d, -5 and x@example.org'],
  ])('leaves nothing to run in %j where a spreadsheet splits it', (text, written) => {
    expect(cellsOf(csvLine([text]))).toEqual([[written]])
  })

  it('is read back as it was written, but for the apostrophes', () => {
    const plain = fc.string({ unit: 'binary' }).filter((text) => text !== '' && !text.includes("'"))
    fc.assert(
      fc.property(fc.array(plain, { minLength: 1, maxLength: 5 }), (cells) => {
        const [row] = parse(csvLine(cells), { relax_column_count: true }) as [string[]]
        expect(row.map((text) => text.replaceAll("'", ''))).toEqual(cells)
      }),
    )
  })

  it('has no formula in any cell, at whatever character it is split', () => {
    const nasty = fc.string({ unit: fc.constantFrom(...'=+-@＝＋－＠;,\t\r\n" \ufeffa1'.split('')) })
    fc.assert(
      fc.property(fc.array(nasty, { minLength: 1, maxLength: 5 }), (cells) => {
        const line = csvLine(cells)
        const [row] = parse(line, { relax_column_count: true }) as [string[]]
        const split = line.split(/[;\t\r\n]/).map((cell) => cell.replaceAll('"', '').replace(/^[\s\ufeff]+/, ''))
        const formulas = [...row, ...split].filter((text) => /^\s*[=+\-@＝＋－＠]/.test(text))
        expect(formulas).toEqual([])
      }),
      { numRuns: 500 },
    )
  })
})
