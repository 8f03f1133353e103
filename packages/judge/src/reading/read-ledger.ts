import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { LedgerCall } from '../evidence.ts'
import { EvidenceError } from '../evidence-error.ts'
import { readRecordFile } from './read-file.ts'
import { readRecords } from './read-lines.ts'
import { ledgerCall } from './schemas.ts'

const ledgerPath = '/_network/ledger'
const timeoutMs = 60_000

/**
 * The ledger of a simulator that runs (its address), or one that was saved: NDJSON, or the JSON of `/_network/ledger`.
 * @throws EvidenceError that says what to do
 */
export async function readLedger(source: string): Promise<LedgerCall[]> {
  const what = { what: 'call of a ledger', schema: ledgerCall }
  if (!/^https?:\/\//i.test(source)) return readRecordFile(source, { ...what, name: source, listName: 'calls' })
  const url = addressOf(source)
  const answer = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) }).catch((error: unknown) => {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new EvidenceError(`No ledger at ${url.href}: ${cause}. Is the simulator running, and is this its address?`)
  })
  if (!answer.ok || !answer.body) {
    throw new EvidenceError(`${url.href} answers ${answer.status}. Give the address of a simulator of Outdial.`)
  }
  const body = Readable.fromWeb(answer.body)
  return readRecords(createInterface({ input: body }), { ...what, name: url.href })
}

function addressOf(source: string): URL {
  const url = URL.parse(source)
  if (!url) throw new EvidenceError(`${source} is no address. Give one such as http://127.0.0.1:7880.`)
  if (!url.pathname.startsWith(ledgerPath)) url.pathname = ledgerPath
  url.searchParams.set('format', 'ndjson')
  return url
}
