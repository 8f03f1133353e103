type StreamedEvent = { id: string; event: string; data: Record<string, unknown> }
export type EventStream = {
  response: Response
  next(): Promise<StreamedEvent>
  until(event: string): Promise<StreamedEvent>
  close(): Promise<void>
}

/** Reads server-sent events one by one. */
export function readEvents(response: Response): EventStream {
  const reader = (response.body ?? new ReadableStream<Uint8Array>()).pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  const next = async (): Promise<StreamedEvent> => {
    for (;;) {
      const end = text.indexOf('\n\n')
      if (end < 0) {
        const { done, value } = await reader.read()
        if (done) throw new Error('the stream has ended')
        text += value
        continue
      }
      const fields = Object.fromEntries(
        text
          .slice(0, end)
          .split('\n')
          .map((line) => line.split(/: (.*)/s)),
      )
      text = text.slice(end + 2)
      if (fields.event) return { id: fields.id, event: fields.event, data: JSON.parse(fields.data) }
    }
  }
  const until = async (event: string) => {
    for (;;) {
      const found = await next()
      if (found.event === event) return found
    }
  }
  return { response, next, until, close: () => reader.cancel() }
}
