import { randomUUID } from 'node:crypto'

/** A field of a form, or a file in it whose bytes are read as they are sent. */
export type Part = { name: string } & ({ value: string } | { fileName: string; stream: AsyncIterable<Uint8Array> })

/** A form as multipart/form-data (RFC 7578), never in memory as a whole. */
export function writeMultipart(parts: Part[]): { body: ReadableStream<Uint8Array>; contentType: string } {
  const boundary = `outdial-${randomUUID()}`
  return {
    body: ReadableStream.from(bytesOf(parts, boundary)),
    contentType: `multipart/form-data; boundary=${boundary}`,
  }
}

async function* bytesOf(parts: Part[], boundary: string): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    const file = 'stream' in part ? `; filename="${quoted(part.fileName)}"` : ''
    const type = 'stream' in part ? 'content-type: text/csv\r\n' : ''
    yield Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="${quoted(part.name)}"${file}\r\n${type}\r\n`,
    )
    if ('stream' in part) yield* part.stream
    else yield Buffer.from(part.value)
    yield Buffer.from('\r\n')
  }
  yield Buffer.from(`--${boundary}--\r\n`)
}

/** As browsers do it: what would end the quotes or the line is percent-encoded. */
function quoted(text: string): string {
  return text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}
