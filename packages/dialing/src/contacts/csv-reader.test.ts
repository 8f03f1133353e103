import { describe, expect, it } from 'vitest'
import { InvalidInput } from '../refusals.ts'
import type { CsvMapping } from './csv-columns.ts'
import { openCsv } from './csv-reader.ts'

type Options = { mapping?: CsvMapping; pieceBytes?: number }

async function* stream(bytes: Buffer, pieceBytes: number) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes)
}

async function read(content: string | Buffer, { mapping, pieceBytes = 10_000 }: Options = {}) {
  const bytes = Buffer.from(content as string)
  const csv = await openCsv(stream(bytes, pieceBytes), { ...(mapping ? { mapping } : {}), defaultCountry: 'US' })
  const records = []
  for await (const batch of csv.batches()) records.push(...batch)
  const { columns, positions, hasHeader } = csv.layout
  return { columns, positions, hasHeader, delimiter: csv.delimiter, records, bytes: csv.bytes() }
}

const refusal = (content: string | Buffer, options?: Options) =>
  read(content, options).then(
    () => null,
    (error: unknown) => (error instanceof InvalidInput ? error.fields : error),
  )

const numbers = ['(212) 555-0100', '+1 310 555 0101', '312.555.0102', '415-555-0103']

describe('delimiters and line ends', () => {
  it.each([',', ';', '\t', '|'])('finds %j', async (delimiter) => {
    const cells = [
      ['Name', 'Phone', 'Note'],
      ['Doe, Ann; the "best" | one', numbers[0], 'a,b;c'],
      ['Eve', numbers[1], 'x'],
    ]
    const quote = (cell = '') => `"${cell.replaceAll('"', '""')}"`
    const text = cells.map((row) => row.map(quote).join(delimiter)).join('\n')
    const found = await read(text)
    expect([found.delimiter, found.records.map((record) => record.cells)]).toEqual([delimiter, cells.slice(1)])
  })

  it('is not misled by commas in unquoted cells', async () => {
    const { delimiter, columns } = await read(
      'Téléphone;Nom;Société\n0199000001;Doe, Ann;Acme, Inc.\n0199000002;Eve;Acme, Inc.',
    )
    expect([delimiter, columns]).toEqual([';', ['Téléphone', 'Nom', 'Société']])
  })

  it("believes Excel's sep line and counts it", async () => {
    const { delimiter, records } = await read(`sep=|\nphone|a,b\n${numbers[0]}|1,2\n`)
    expect([delimiter, records]).toEqual(['|', [{ line: 3, cells: [numbers[0], '1,2'] }]])
  })

  it('knows the line ends of old Macs', async () => {
    const rows = numbers.map((number) => `${number},line one\nline two`)
    const { records } = await read(['phone,note', ...rows].join('\r'))
    expect(records.map(({ line, cells }) => [line, cells[1]])).toEqual(
      [2, 4, 6, 8].map((line) => [line, 'line one\nline two']),
    )
  })

  it('reads a file of one column', async () => {
    const { records } = await read(`phone\n${numbers.join('\n')}`)
    expect(records.map((record) => record.cells)).toEqual(numbers.map((number) => [number]))
  })
})

describe('columns', () => {
  it.each([
    [
      'Phone Number,First Name,Last Name,Customer ID,Time Zone,Country',
      'phoneNumber firstName lastName externalId timezone country',
    ],
    [
      'N° de téléphone,PRÉNOM,Nom,Réf. client,Fuseau horaire,Pays',
      'phoneNumber firstName lastName externalId timezone country',
    ],
    [
      'Handynummer,Vorname,Nachname,Kunden-Nr.,Zeitzone,Land',
      'phoneNumber firstName lastName externalId timezone country',
    ],
    [
      'Teléfono móvil,Nombre,Apellidos,ID cliente,Zona horaria,País',
      'phoneNumber firstName lastName externalId timezone country',
    ],
    ['cellulare,nome e cognome,città', 'phoneNumber name -'],
    ['full_name,MOBILE,email', 'name phoneNumber -'],
    ['电话号码,姓名', 'phoneNumber name'],
  ])('knows the header %s', async (header, fields) => {
    const { columns, positions } = await read(`${header}\n`)
    const named = Object.fromEntries(Object.entries(positions).map(([field, position]) => [position, field]))
    expect(columns.map((_, i) => named[i] ?? '-').join(' ')).toBe(fields)
  })

  it('prefers, of several telephone columns, the one that has numbers', async () => {
    const { positions } = await read(`Phone,Mobile\n,${numbers[0]}\n-,${numbers[1]}\n`)
    expect(positions.phoneNumber).toBe(1)
  })

  it('finds the numbers under a header that says nothing', async () => {
    const { positions, hasHeader } = await read(`who,contact via\n${numbers.map((number) => `x,${number}`).join('\n')}`)
    expect([hasHeader, positions.phoneNumber]).toEqual([true, 1])
  })

  it('reads a file without a header', async () => {
    const text = numbers.map((number, i) => `Ann ${i},${number},2024-01-0${i + 1}`).join('\n')
    const { hasHeader, columns, positions, records } = await read(text)
    expect([hasHeader, columns, positions]).toEqual([false, ['column 1', 'column 2', 'column 3'], { phoneNumber: 1 }])
    expect(records).toHaveLength(4)
  })

  it('takes a first row with an impossible number for data too', async () => {
    expect(await read(`Mobile,555 01\n${numbers.map((number) => `x,${number}`).join('\n')}`)).toMatchObject({
      hasHeader: true,
    })
    expect(await read(`Ann,555 01\n${numbers.map((number) => `x,${number}`).join('\n')}`)).toMatchObject({
      hasHeader: false,
    })
    expect(await read('+15551230000\n+15551230001\n')).toMatchObject({ hasHeader: false })
  })

  it('gives every column a name of its own', async () => {
    const { columns } = await read('phone,Note,,Note,note,__proto__,Note (2)\n')
    expect(columns).toEqual(['phone', 'Note', 'column 3', 'Note (2)', 'note', '__proto__', 'Note (2) (2)'])
  })

  it('does not take a column for the external id that many share', async () => {
    const rows = (idOf: (i: number) => string) =>
      Array.from({ length: 20 }, (_, i) => `+1 212 555 01${10 + i},${idOf(i)}`).join('\n')
    const shared = await read(`phone,id\n${rows((i) => `acme ${i % 3}`)}`)
    const own = await read(`phone,id\n${rows((i) => `c-${i % 18}`)}`)
    expect([shared.positions.externalId, own.positions.externalId]).toEqual([undefined, 1])
  })
})

describe('the mapping of a user', () => {
  const text = `Tel,Fax,Wer\n${numbers[0]},${numbers[1]},Ann\n`

  it('goes before what is recognised', async () => {
    const { positions } = await read(text, { mapping: { phoneNumber: 'fax', name: 'Wer' } })
    expect(positions).toEqual({ phoneNumber: 1, name: 2 })
  })

  it('can switch a field off', async () => {
    expect((await read('phone,id\n', { mapping: { externalId: '' } })).positions).toEqual({ phoneNumber: 0 })
  })

  it('names columns by number where there is no header', async () => {
    const headerless = numbers.map((number, i) => `${number},+1 212 555 019${i}`).join('\n')
    expect((await read(headerless, { mapping: { phoneNumber: 'column 2' } })).positions.phoneNumber).toBe(1)
  })

  it('is refused with the columns there are when it names another', async () => {
    expect(await refusal(text, { mapping: { phoneNumber: 'Telefon', name: 'Wer' } })).toEqual([
      {
        field: 'mapping.phoneNumber',
        code: 'unknown_column',
        message: 'The file has no column "Telefon". It has: "Tel", "Fax", "Wer".',
      },
    ])
  })
})

describe('unfriendly files', () => {
  it.each([
    ['nothing', '', 'empty'],
    ['blank lines', '\n \r\n,,\n', 'empty'],
    ['a line of a megabyte', 'x'.repeat(1_000_000), 'empty'],
    ['ten thousand columns', 'phone,'.repeat(10_000), 'empty'],
    ['a workbook', Buffer.from('504b030414000600', 'hex'), 'not_text'],
    ['machine code', Buffer.from(Array.from({ length: 10_000 }, (_, i) => (i * 7) % 256)), 'not_text'],
  ])('are refused: %s', async (_, content, code) => {
    expect(await refusal(content)).toMatchObject([{ field: 'file', code }])
  })

  it('may end with the header', async () => {
    expect(await read('Phone,Name')).toMatchObject({ hasHeader: true, records: [] })
  })

  it('may have a quote that is never closed, in the header as well', async () => {
    const { records } = await read(`phone,name\n${numbers[0]},"Ann\n${numbers[1]},Eve`)
    expect(records).toMatchObject([
      { line: 2, broken: { code: 'unclosed_quote' } },
      { line: 3, cells: [numbers[1], 'Eve'] },
    ])
    const headless = await read(`"phone,name\n${numbers[0]},Ann\n${numbers[1]},Eve`)
    expect(headless.records.map((record) => record.broken?.code)).toEqual(['unclosed_quote', undefined, undefined])
  })

  it('read the same in single bytes and in one piece', async () => {
    const rows = Array.from({ length: 3_000 }, (_, i) => `+1212555${1000 + i},"Zoë\r\n${i}"\r\n`)
    const text = `\ufeffphone,name\r\n${rows.join('\r\n')}`
    const whole = await read(text, { pieceBytes: Number.MAX_SAFE_INTEGER })
    const single = await read(text, { pieceBytes: 1 })
    expect(single).toEqual(whole)
    expect(whole.records.at(-1)).toEqual({ line: 2 + 2999 * 3, cells: ['+12125553999', 'Zoë\r\n2999'] })
    expect(whole.bytes).toBe(Buffer.byteLength(text))
  })

  it('let go of the stream when they are refused', async () => {
    let isReleased = false
    async function* endless() {
      try {
        for (;;) yield Buffer.alloc(1000, 1)
      } finally {
        isReleased = true
      }
    }
    await expect(openCsv(endless(), {})).rejects.toThrow('binary file')
    expect(isReleased).toBe(true)
  })
})
