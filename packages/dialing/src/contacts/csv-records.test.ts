import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type CsvRecord, createRecordReader, recordLimits } from './csv-records.ts'

function read(text: string, { delimiter = ',', isCrOnly = false, cuts = [] as number[] } = {}): CsvRecord[] {
  const reader = createRecordReader({ delimiter, isCrOnly })
  const edges = [0, ...cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b), text.length]
  const pieces = edges.slice(1).map((end, i) => text.slice(edges[i], end))
  return [...pieces.flatMap((piece) => [...reader.read(piece, false)]), ...reader.read('', true)]
}

const rows = (text: string) => read(text).map(({ line, cells, broken }) => [line, broken?.code ?? cells])

describe('records', () => {
  it('counts physical lines, whatever ends them', () => {
    expect(rows('a,b\r\n1,"x\r\ny\rz\nw"\r2,3\n\n4,5')).toEqual([
      [1, ['a', 'b']],
      [2, ['1', 'x\r\ny\rz\nw']],
      [6, ['2', '3']],
      [7, ['']],
      [8, ['4', '5']],
    ])
  })

  it('leaves LFs in cells where only CR ends a record, and counts them as lines', () => {
    const text = 'a,b\r1,x\ny\r2,"x\ny"\r\n"3\n4\r5'
    expect(read(text, { isCrOnly: true }).map(({ line, cells, broken }) => [line, broken?.code ?? cells])).toEqual([
      [1, ['a', 'b']],
      [2, ['1', 'x\ny']],
      [4, ['2', 'x\ny']],
      [6, 'unclosed_quote'],
      [8, ['5']],
    ])
  })

  it('reads quotes as people write them', () => {
    expect(rows('a, "b, c" ,"d ""e""",f "g" h,5" pipe\n"Smith "Bob" Jones",x\n"ab"c,"d"\n')).toEqual([
      [1, ['a', 'b, c', 'd "e"', 'f "g" h', '5" pipe']],
      [2, ['Smith "Bob" Jones', 'x']],
      [3, ['"ab"c', 'd']],
    ])
  })

  it('loses one line to a quote without a partner, even when later quotes look like one', () => {
    expect(rows('a,b\n1,"Ann\n2,Bob\n3,"Acme, Inc."\n4,Eve\n')).toEqual([
      [1, ['a', 'b']],
      [2, 'unclosed_quote'],
      [3, ['2', 'Bob']],
      [4, ['3', 'Acme, Inc.']],
      [5, ['4', 'Eve']],
    ])
    expect(rows('a\n"b\nc')).toEqual([
      [1, ['a']],
      [2, 'unclosed_quote'],
      [3, ['c']],
    ])
  })

  it('goes on behind a line that is too long, without keeping it', () => {
    const long = 'x'.repeat(recordLimits.chars + 1)
    expect(rows(`a\n${long}\nb`)).toEqual([
      [1, ['a']],
      [2, 'record_too_long'],
      [3, ['b']],
    ])
    const reader = createRecordReader({ delimiter: ',' })
    const lines = Array.from({ length: 50 }, () => [...reader.read(long, false)]).flat()
    expect([...lines, ...reader.read('\r', false), ...reader.read('\nb\n', true)]).toMatchObject([
      { line: 1, broken: { code: 'record_too_long', value: 'x'.repeat(200) } },
      { line: 2, cells: ['b'] },
    ])
  })

  it('refuses a line with too many columns, and takes the next', () => {
    expect(rows(`${','.repeat(10_000)}\nb`)).toEqual([
      [1, 'too_many_columns'],
      [2, ['b']],
    ])
  })

  it('is not slowed down by quotes that never match', () => {
    const hostile = 'x",y,"\n'.repeat(20_000)
    expect(read(hostile)).toHaveLength(20_000)
  })

  it('reads what a generator of CSV wrote as csv-parse does', () => {
    const cell = fc.string({ unit: fc.constantFrom('a', 'é', ',', ';', '"', '\n', '\r', ' ', '\t', '1') })
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 8 })
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n', '\r'),
        (cells, by, end) => {
          const text = cells.map((row) => row.map(quote).join(by) + end).join('')
          const expected = parse(text, { delimiter: by, record_delimiter: end, relax_column_count: true })
          expect(read(text, { delimiter: by }).map((record) => record.cells)).toEqual(expected)
        },
      ),
    )
  })

  it('reads the same however the text is cut', () => {
    const junk = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', '\r', ' '), maxLength: 60 })
    fc.assert(
      fc.property(junk, fc.array(fc.nat(), { maxLength: 8 }), fc.boolean(), (text, cuts, isCrOnly) => {
        expect(read(text, { cuts, isCrOnly })).toEqual(read(text, { isCrOnly }))
      }),
      { numRuns: 1_000 },
    )
  })

  it('takes every line of any text over exactly once', () => {
    const junk = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' '), maxLength: 60 })
    fc.assert(
      fc.property(junk, (text) => {
        const lines = read(text).map((record) => record.line)
        expect(lines).toEqual([...new Set(lines)].sort((a, b) => a - b))
        expect(Math.max(1, ...lines)).toBeLessThanOrEqual(text.split('\n').length)
      }),
    )
  })
})
