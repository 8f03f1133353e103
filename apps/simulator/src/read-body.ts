import type { IncomingMessage } from 'node:http'

/** The body of a request, or nothing when it is longer than the limit; then the rest is not read. */
export async function readBody(incoming: IncomingMessage, longest: number): Promise<Buffer | undefined> {
  if (Number(incoming.headers['content-length'] ?? 0) > longest) return undefined
  const parts: Buffer[] = []
  let length = 0
  for await (const part of incoming as AsyncIterable<Buffer>) {
    length += part.length
    if (length > longest) return undefined
    parts.push(part)
  }
  return Buffer.concat(parts)
}
