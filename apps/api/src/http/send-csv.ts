import type { Context } from 'hono'

/**
 * Answers with a CSV that is read while it is sent, so that its size does not matter. What fails before the first line
 * is an error answer like any other; what fails later breaks the download off.
 */
export async function sendCsv(
  c: Context,
  { lines, fileName }: { lines: AsyncGenerator<string>; fileName: string },
): Promise<Response> {
  const encoder = new TextEncoder()
  let next = await lines.next()
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (next.done) return controller.close()
      controller.enqueue(encoder.encode(next.value))
      next = await lines.next()
    },
    async cancel() {
      await lines.return(undefined)
    },
  })
  c.header('content-type', 'text/csv; charset=utf-8')
  c.header('content-disposition', `attachment; filename="${fileName}"`)
  return c.body(stream)
}

/** Whether the client asked for CSV, by `format` or by Accept. */
export function wantsCsv(c: Context, format: 'csv' | 'json' | undefined): boolean {
  return (format ?? (/\btext\/csv\b/i.test(c.req.header('accept') ?? '') ? 'csv' : 'json')) === 'csv'
}
