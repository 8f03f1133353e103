import type { LedgerCall } from '../network/ledger.ts'

const linesPerChunk = 500

/** One call per line, written in pieces so that a long ledger is never one long string. */
export function writeLedgerLines(calls: readonly LedgerCall[]): Response {
  let next = 0
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = calls.slice(next, next + linesPerChunk)
      next += chunk.length
      if (chunk.length === 0) controller.close()
      else controller.enqueue(new TextEncoder().encode(chunk.map((call) => `${JSON.stringify(call)}\n`).join('')))
    },
  })
  return new Response(body, { headers: { 'content-type': 'application/x-ndjson' } })
}
