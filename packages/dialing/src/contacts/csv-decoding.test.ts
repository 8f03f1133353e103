import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { findBinaryKind, startDecoding } from './csv-decoding.ts'

const text = 'Téléphone;Prénom\r\n+33199000001;Zoë 😀 “Łódź” — 東京\r\n'
const western = 'Téléphone;Prénom\r\n+33199000001;“Zoë” – Müller & Söhne, 5 €\r\n'

const utf16 = (content: string, isBig = false) => {
  const bytes = Buffer.from(content, 'utf16le')
  return isBig ? bytes.swap16() : bytes
}

/** The characters of Windows-1252 that the tests use, beyond Latin-1. */
const special: Record<string, number> = { '€': 0x80, '“': 0x93, '”': 0x94, '–': 0x96, '’': 0x92 }
const windows1252 = (content: string) =>
  Buffer.from(content.split('').map((char) => special[char] ?? char.charCodeAt(0)))

function decode(bytes: Buffer, cuts: number[] = []): { text: string; encoding: string } {
  const decoding = startDecoding(bytes)
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  const pieces = edges.slice(1).map((end, i) => decoding.decode(bytes.subarray(edges[i], end)))
  return { text: pieces.join('') + decoding.end(), encoding: decoding.encoding() }
}

describe('decoding', () => {
  it.each([
    ['utf-8', text, Buffer.from(text)],
    ['utf-8', text, Buffer.from(`\ufeff${text}`)],
    ['utf-16le', text, utf16(`\ufeff${text}`)],
    ['utf-16be', text, utf16(`\ufeff${text}`, true)],
    ['utf-16le', text, utf16(text)],
    ['utf-16be', text, utf16(text, true)],
    ['windows-1252', western, windows1252(western)],
    ['utf-8', '', Buffer.alloc(0)],
  ])('reads %s', (encoding, content, bytes) => {
    expect(decode(bytes)).toEqual({ text: content, encoding })
  })

  it('reads the same however the bytes are cut', () => {
    const files = fc.constantFrom(
      ...[Buffer.from(text), utf16(`\ufeff${text}`), utf16(text, true), windows1252(western)].entries(),
    )
    const cuts = fc.array(fc.nat(), { maxLength: 20 })
    fc.assert(
      fc.property(files, cuts, ([i, bytes], at) => {
        // Of a byte order mark the first piece has to show all.
        const first = i === 1 ? at.filter((cut) => cut % (bytes.length + 1) > 2) : at
        expect(decode(bytes, first).text).toBe(i === 3 ? western : text)
      }),
    )
  })

  it('reads any text in UTF-8 and UTF-16', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.array(fc.nat(), { maxLength: 5 }), (content, cuts) => {
        const clean = content.replaceAll('\0', '')
        expect(decode(Buffer.from(`phone\n${clean}`), cuts).text).toBe(`phone\n${clean}`)
        expect(decode(utf16(`\ufeffphone,name\n${clean}`)).text).toBe(`phone,name\n${clean}`)
      }),
    )
  })

  it('reads an é that comes after a megabyte of ASCII', () => {
    const ascii = 'x'.repeat(1_000_000)
    const decoding = startDecoding(Buffer.from(ascii))
    expect(decoding.decode(Buffer.from(ascii))).toBe(ascii)
    expect(decoding.decode(Buffer.from([0x61, 0xe9]))).toBe('a')
    expect(decoding.decode(Buffer.from([0x62])) + decoding.end()).toBe('éb')
    expect(decoding.encoding()).toBe('windows-1252')
  })

  it('reads a file in UTF-8 with one broken character as UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('Zoë;Łukasz;'), Buffer.from([0xe9]), Buffer.from(';Søren')])
    expect(decode(bytes)).toEqual({ text: 'Zoë;Łukasz;é;Søren', encoding: 'utf-8' })
  })

  it('is not misled by a pair of Windows-1252 characters that happens to be UTF-8', () => {
    const content = 'Müller;Österreich;Spaß“;é;à;ü'
    expect(decode(windows1252(content)).text).toBe(content)
  })

  it('leaves NULs out', () => {
    expect(decode(Buffer.from('a\0b,c\n\0')).text).toBe('ab,c\n')
  })

  it('gives valid text for any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.array(fc.nat(), { maxLength: 5 }), (bytes, cuts) => {
        const { text: decoded } = decode(Buffer.from(bytes), cuts)
        expect(decoded.isWellFormed()).toBe(true)
        expect(decoded).not.toContain('\0')
      }),
    )
  })
})

describe('files that are no text', () => {
  it.each([
    ['an Excel workbook or another zip archive', [0x50, 0x4b, 3, 4, 20, 0]],
    ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0, 0xa1]],
    ['a gzip archive', [0x1f, 0x8b, 8]],
    ['a PDF', [...Buffer.from('%PDF-1.7')]],
    ['a binary file', Array.from({ length: 256 }, (_, i) => i)],
  ])('are told: %s', (kind, bytes) => {
    expect(findBinaryKind(Uint8Array.from(bytes))).toBe(kind)
  })

  it('are not confused with texts', () => {
    for (const bytes of [
      Buffer.from(text),
      utf16(text),
      windows1252(western),
      Buffer.from('a\0,b\n'),
      Buffer.alloc(0),
    ]) {
      expect(findBinaryKind(bytes)).toBeNull()
    }
  })
})
