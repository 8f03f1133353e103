/**
 * Cuts text into the records of a CSV file, however damaged it is.
 *
 * A generator of CSV writes quotes in pairs; people and old programs do not. A quote that opens a cell and finds no
 * partner would swallow the rest of the file in an ordinary reader. Here the record's first line is reported as
 * broken and reading goes on with the next line, so one bad line costs one line. (csv-parse, which the tests compare
 * with, cannot go back.) Lines are physical ones, counted from 1; CRLF, LF and CR all end a line.
 */
export type CsvRecord = {
  /** The physical line on which the record begins. */
  line: number
  cells: string[]
  broken?: { code: 'unclosed_quote' | 'record_too_long' | 'too_many_columns'; reason: string; value: string }
}

export const recordLimits = { chars: 100_000, lines: 1_000, columns: 1_000 }

/** So many characters may be read in vain, looking for the ends of cells. After that, cells of several lines are given up. */
const vainCharsMax = 20 * recordLimits.chars

export type RecordReader = {
  /** The records that `text` completes; with `isLast`, also the one that the file's end completes. */
  read(text: string, isLast: boolean): Generator<CsvRecord>
}

export type CsvDialect = {
  delimiter: string
  /** Whether only CR ends a record, as in files of old Macs, where LF is a line break within a cell. */
  isCrOnly?: boolean
  /** The number of the first line, if lines before it have been taken off. */
  firstLine?: number
}

export function createRecordReader(dialect: CsvDialect): RecordReader {
  let rest = ''
  let line = dialect.firstLine ?? 1
  let isSkipping = false
  let vainChars = 0

  return {
    *read(text, isLast) {
      const scan = startScan(rest + text, dialect, isLast)
      for (let start = 0; start < scan.text.length; start = scan.at) {
        if (isSkipping) {
          isSkipping = !skipLine(scan, start)
        } else {
          scan.linesMax = vainChars > vainCharsMax ? 0 : recordLimits.lines
          const ending = scanRecord(scan)
          const isLong = (ending === 'more' ? scan.text.length : scan.at) - start > recordLimits.chars
          if (ending === 'more' && !isLong) {
            scan.at = start
            break
          }
          if (ending === 'done' && !isLong) yield { line, cells: scan.cells }
          else {
            const reached = ending === 'more' ? scan.text.length : scan.at
            isSkipping = !skipLine(scan, start)
            vainChars += Math.max(0, reached - scan.at)
            yield breakRecord(ending, line, scan.text.slice(start, scan.at))
          }
        }
        line += countLineEnds(scan.text, start, scan.at)
        if (isSkipping) break
      }
      rest = scan.text.slice(scan.at)
    },
  }
}

type Ending = 'done' | 'more' | 'unclosed_quote' | 'too_many_columns' | 'record_too_long'

type Scan = {
  readonly text: string
  readonly delimiter: number
  readonly isCrOnly: boolean
  readonly isLast: boolean
  /** Line ends that a cell may have. */
  linesMax: number
  at: number
  cells: string[]
}

const QUOTE = 34
const SPACE = 32
const LF = 10
const CR = 13

function startScan(text: string, { delimiter, isCrOnly = false }: CsvDialect, isLast: boolean): Scan {
  return { text, delimiter: delimiter.charCodeAt(0), isCrOnly, isLast, linesMax: recordLimits.lines, at: 0, cells: [] }
}

function breakRecord(ending: Ending, line: number, value: string): CsvRecord {
  const code = ending === 'unclosed_quote' || ending === 'too_many_columns' ? ending : 'record_too_long'
  const reasons = {
    unclosed_quote: `A quotation mark opens a cell on this line and is not closed within ${recordLimits.chars} characters. Close it, or double it if it is text.`,
    too_many_columns: `The line has more than ${recordLimits.columns} columns.`,
    record_too_long: `The record is longer than ${recordLimits.chars} characters. Shorten it.`,
  }
  return { line, cells: [], broken: { code, reason: reasons[code], value: value.slice(0, 200).trim() } }
}

/** From `scan.at` to behind the record's line end. `more`: the text ends before the record is certain to. */
function scanRecord(scan: Scan): Ending {
  const { text, delimiter, isLast } = scan
  scan.cells = []
  for (;;) {
    const ending = scanCell(scan)
    if (ending !== 'done') return ending
    if (scan.cells.length > recordLimits.columns) return 'too_many_columns'
    if (scan.at >= text.length) return isLast ? 'done' : 'more'
    if (text.charCodeAt(scan.at) === delimiter) {
      scan.at++
      continue
    }
    const next = nextLine(scan, scan.at)
    if (next === undefined) return 'more'
    scan.at = next
    return 'done'
  }
}

function scanCell(scan: Scan): Ending {
  const { text } = scan
  let open = scan.at
  while (text.charCodeAt(open) === SPACE) open++
  if (text.charCodeAt(open) === QUOTE) return scanQuoted(scan, open)
  const end = endOfBare(scan, scan.at)
  scan.cells.push(text.slice(scan.at, end))
  scan.at = end
  return 'done'
}

/** A cell whose quotes are in disorder on its own line counts as unquoted; one that ran over lines breaks the record. */
function scanQuoted(scan: Scan, open: number): Ending {
  const { text, isLast } = scan
  let value = ''
  let from = open + 1
  let lineEnds = 0
  for (let i = from; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === QUOTE) {
      if (text.charCodeAt(i + 1) === QUOTE) {
        value += text.slice(from, ++i)
        from = i + 1
        continue
      }
      const end = endOfCell(scan, i + 1)
      if (end === undefined) return lineEnds > 0 ? giveUp(scan, i) : scanDisordered(scan, open)
      if (end === text.length && !isLast) return 'more'
      scan.cells.push(value + text.slice(from, i))
      scan.at = end
      return 'done'
    }
    const isCrLf = char === CR && text.charCodeAt(i + 1) === LF
    if (isLineEnd(scan, char) && (scan.isCrOnly || !isCrLf)) lineEnds++
    if (lineEnds > scan.linesMax || i - open > recordLimits.chars) return giveUp(scan, i)
  }
  return isLast ? giveUp(scan, text.length) : 'more'
}

function giveUp(scan: Scan, at: number): Ending {
  scan.at = at
  return 'unclosed_quote'
}

function scanDisordered(scan: Scan, open: number): Ending {
  const end = endOfBare(scan, open)
  const raw = scan.text.slice(open, end).trimEnd()
  scan.cells.push((raw.endsWith('"') ? raw.slice(1, -1) : raw).replaceAll('""', '"'))
  scan.at = end
  return 'done'
}

/** Where the cell ends if nothing but spaces follows its closing quote. */
function endOfCell(scan: Scan, from: number): number | undefined {
  let i = from
  while (scan.text.charCodeAt(i) === SPACE) i++
  const char = scan.text.charCodeAt(i)
  return i >= scan.text.length || char === scan.delimiter || isLineEnd(scan, char) ? i : undefined
}

function endOfBare(scan: Scan, from: number): number {
  const { text, delimiter } = scan
  let i = from
  for (; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (char === delimiter || isLineEnd(scan, char)) break
  }
  return i
}

const isLineEnd = (scan: Scan, char: number) => char === CR || (char === LF && !scan.isCrOnly)

/** Moves behind the next line end and answers true, or to the end of the text if it is not certain where that is. */
function skipLine(scan: Scan, from: number): boolean {
  const next = nextLine(scan, from)
  // A CR at the end may be the first half of a CRLF.
  const { text, isLast } = scan
  scan.at = next ?? (text.endsWith('\r') && !isLast ? text.length - 1 : text.length)
  return next !== undefined
}

/** Behind the next line end, or undefined if the text ends before it is certain where that is. */
function nextLine(scan: Scan, from: number): number | undefined {
  const { text, isLast } = scan
  for (let i = from; i < text.length; i++) {
    const char = text.charCodeAt(i)
    if (!isLineEnd(scan, char)) continue
    if (char === LF) return i + 1
    if (i + 1 === text.length && !isLast) return undefined
    return text.charCodeAt(i + 1) === LF ? i + 2 : i + 1
  }
  return undefined
}

function countLineEnds(text: string, from: number, to: number): number {
  let count = 0
  for (let i = from; i < to; i++) {
    const char = text.charCodeAt(i)
    if (char === LF || (char === CR && text.charCodeAt(i + 1) !== LF)) count++
  }
  return count
}
