/** What the tests of this folder share. */
import type { World } from '../testing.ts'
import type { ImportDeps } from './import-csv.ts'

/** As the API has them: its role sees one workspace, and its clock goes on while an import lasts. */
export function importDeps(world: World): ImportDeps {
  return { db: world.apiDeps.db, queue: world.apiDeps.queue, clock: { now: () => new Date() } }
}

export const csvOf = (lineEnd: string, lines: string[]) => lines.map((line) => line + lineEnd).join('')

/** Bytes as they come over the network. */
export async function* streamOf(content: string | Buffer): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(content as string)
  for (let at = 0; at < bytes.length; at += 16_384) yield bytes.subarray(at, at + 16_384)
}

/** The i-th of ten thousand numbers in New York that libphonenumber calls valid, as people write them. */
export function fakeNumber(i: number): string {
  return `(212) 55${Math.floor(i / 10_000) % 10}-${String(i % 10_000).padStart(4, '0')}`
}

export async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = ''
  for await (const piece of pieces) text += piece
  return text
}
