import { isAscii } from 'node:buffer'

/**
 * Turns the bytes of a text file into text, piece by piece.
 *
 * UTF-16 is told by its byte order mark or by where the zero bytes are. Everything else is read as UTF-8, and bytes
 * that are not UTF-8 as Windows-1252: one by one where the file has otherwise been UTF-8, and the whole piece where
 * such bytes have been the majority so far. So a late 0xE9 after a megabyte of ASCII is an é, and one broken
 * character does not spoil a UTF-8 file. Nothing is ever refused here; NULs are left out, as PostgreSQL has no place
 * for them.
 */
export type Decoding = {
  decode(bytes: Uint8Array): string
  end(): string
  /** As far as is known by now. */
  encoding(): 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'
}

/** @param head the first bytes of the file, enough to judge by, or all of it; they still have to be decoded. */
export function startDecoding(head: Uint8Array): Decoding {
  const wide = wideEncoding(head)
  return wide ? decodeWide(wide) : decodeNarrow()
}

/** What a file that is no text calls itself, or null for a text. */
export function findBinaryKind(head: Uint8Array): string | null {
  for (const [kind, magic] of binaryKinds) {
    if (magic.every((byte, i) => head[i] === byte)) return kind
  }
  if (wideEncoding(head)) return null
  const controls = head.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0)
  return controls >= 10 && controls > head.length * 0.02 ? 'a binary file' : null
}

const binaryKinds: [string, number[]][] = [
  ['an Excel workbook or another zip archive', [0x50, 0x4b, 0x03, 0x04]],
  ['an old Excel workbook', [0xd0, 0xcf, 0x11, 0xe0]],
  ['a gzip archive', [0x1f, 0x8b]],
  ['a PDF', [0x25, 0x50, 0x44, 0x46, 0x2d]],
]

const isControl = (byte: number) => byte < 9 || (byte > 13 && byte < 32)

function wideEncoding(head: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le'
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be'
  // Without a mark: delimiters, digits and line ends have one zero byte each, always on the same side.
  const zeros = [0, 0]
  const length = Math.min(head.length, 4096) & ~1
  for (let i = 0; i < length; i++) if (head[i] === 0) zeros[i & 1] = (zeros[i & 1] ?? 0) + 1
  const [even = 0, odd = 0] = zeros
  // An eighth is a quarter of the characters. Shorter texts would be guesswork.
  if (even + odd < length / 8 || length < 20) return null
  if (odd > even * 20) return 'utf-16le'
  return even > odd * 20 ? 'utf-16be' : null
}

function decodeWide(encoding: 'utf-16le' | 'utf-16be'): Decoding {
  const decoder = new TextDecoder(encoding)
  return {
    decode: (bytes) => withoutNuls(decoder.decode(bytes, { stream: true })),
    end: () => withoutNuls(decoder.decode()),
    encoding: () => encoding,
  }
}

function decodeNarrow(): Decoding {
  let carried = Buffer.alloc(0)
  let atStart = true
  let seen: Evidence = { utf8: 0, other: 0 }

  const decodePiece = (piece: Buffer): string => {
    const found = weigh(piece)
    seen = { utf8: seen.utf8 + found.utf8, other: seen.other + found.other }
    if (found.utf8 + found.other === 0) return piece.toString('latin1')
    if (seen.other > seen.utf8) return decodeWindows1252(piece)
    return found.other === 0 ? piece.toString('utf8') : decodeMixed(piece)
  }

  return {
    decode(bytes) {
      let piece = Buffer.concat([carried, bytes])
      if (atStart && piece.length >= 3) {
        atStart = false
        if (piece[0] === 0xef && piece[1] === 0xbb && piece[2] === 0xbf) {
          seen = { utf8: 1000, other: 0 }
          piece = piece.subarray(3)
        }
      }
      const complete = piece.length - unfinishedTail(piece)
      carried = piece.subarray(complete)
      return withoutNuls(decodePiece(piece.subarray(0, complete)))
    },
    end: () => withoutNuls(decodePiece(carried)),
    encoding: () => (seen.other > seen.utf8 ? 'windows-1252' : 'utf-8'),
  }
}

/** How many characters beyond ASCII are well-formed UTF-8, and how many bytes are not. */
type Evidence = { utf8: number; other: number }

function weigh(piece: Buffer): Evidence {
  const found = { utf8: 0, other: 0 }
  if (isAscii(piece)) return found
  for (let i = 0; i < piece.length; ) {
    if ((piece[i] ?? 0) < 0x80) {
      i++
      continue
    }
    const length = utf8Length(piece, i)
    if (length > 0) found.utf8++
    else found.other++
    i += length || 1
  }
  return found
}

function decodeMixed(piece: Buffer): string {
  let text = ''
  let from = 0
  for (let i = 0; i < piece.length; ) {
    const length = (piece[i] ?? 0) < 0x80 ? 1 : utf8Length(piece, i)
    if (length === 0) {
      text += piece.toString('utf8', from, i) + decodeWindows1252(piece.subarray(i, i + 1))
      from = i + 1
    }
    i += length || 1
  }
  return text + piece.toString('utf8', from)
}

/** Bytes of the well-formed UTF-8 character beyond ASCII at `at`, or 0. The table is Unicode 3-7. */
function utf8Length(bytes: Uint8Array, at: number): 0 | 2 | 3 | 4 {
  const a = bytes[at] ?? 0
  const b = bytes[at + 1] ?? 0
  if (a >= 0xc2 && a <= 0xdf) return isTail(b) ? 2 : 0
  const c = bytes[at + 2] ?? 0
  if (a >= 0xe0 && a <= 0xef) {
    const fits = b >= (a === 0xe0 ? 0xa0 : 0x80) && b <= (a === 0xed ? 0x9f : 0xbf)
    return fits && isTail(c) ? 3 : 0
  }
  if (a >= 0xf0 && a <= 0xf4) {
    const fits = b >= (a === 0xf0 ? 0x90 : 0x80) && b <= (a === 0xf4 ? 0x8f : 0xbf)
    return fits && isTail(c) && isTail(bytes[at + 3] ?? 0) ? 4 : 0
  }
  return 0
}

const isTail = (byte: number) => (byte & 0xc0) === 0x80

/** How many bytes at the end may be the beginning of a character whose rest comes with the next piece. */
function unfinishedTail(piece: Uint8Array): number {
  for (let back = 1; back <= 3 && back <= piece.length; back++) {
    const byte = piece[piece.length - back] ?? 0
    if (byte < 0x80) return 0
    if (byte >= 0xc0) return back < (byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2) ? back : 0
  }
  return 0
}

function decodeWindows1252(bytes: Buffer): string {
  return bytes.toString('latin1').replaceAll(/[\x80-\x9f]/g, (char) => windows1252[char.charCodeAt(0) - 0x80] ?? char)
}

/** 0x80–0x9F, where it differs from Latin-1: https://encoding.spec.whatwg.org/index-windows-1252.txt */
const windows1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ'

const withoutNuls = (text: string) => (text.includes('\0') ? text.replaceAll('\0', '') : text)
