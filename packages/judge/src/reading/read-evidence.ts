import type { Evidence } from '../evidence.ts'
import { readDatabase } from './read-database.ts'
import { readRecordFile } from './read-file.ts'
import { readLedger } from './read-ledger.ts'
import { logEntry } from './schemas.ts'

/**
 * Gathers what is to be judged: the ledger first, so that every INVITE in it is in the log, which goes on.
 * @param from.ledger address of a simulator, or a file (NDJSON or JSON)
 * @param from.log a file with the event log; else it is read from the database, with what the product tells
 * @throws EvidenceError that says what is wrong, and in which line
 */
export async function readEvidence(
  from: { ledger: string } & ({ databaseUrl: string; log?: undefined } | { log: string }),
): Promise<Evidence> {
  const ledger = await readLedger(from.ledger)
  if (from.log === undefined) return { ledger, ...(await readDatabase(from.databaseUrl)) }
  const source = { name: from.log, what: 'entry of an event log', schema: logEntry, listName: 'entries' }
  return { ledger, log: await readRecordFile(from.log, source) }
}
