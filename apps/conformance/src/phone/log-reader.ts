import { open } from 'node:fs/promises'
import { readMessageLog } from './message-log.ts'
import { CallBook, type PhoneCall } from './phone-calls.ts'

/** Reads sipp's log as it grows: each time only what is new. */
export class LogReader {
  readonly #file: string
  readonly #book = new CallBook()
  #offset = 0
  #rest = ''
  #reading: Promise<void> = Promise.resolve()

  constructor(file: string) {
    this.#file = file
  }

  /** All calls so far; none where there is no log yet. */
  async calls(): Promise<PhoneCall[]> {
    // One after the other, so that nothing is read twice.
    this.#reading = this.#reading.then(() => this.#readOn())
    await this.#reading
    return this.#book.calls(Date.now())
  }

  async #readOn(): Promise<void> {
    const file = await open(this.#file).catch(() => undefined)
    if (!file) return
    try {
      const { size } = await file.stat()
      const bytes = Buffer.alloc(Math.max(0, size - this.#offset))
      const { bytesRead } = await file.read(bytes, 0, bytes.length, this.#offset)
      this.#offset += bytesRead
      // One character per byte: nothing is torn, and SIP needs no more.
      const { messages, rest } = readMessageLog(this.#rest + bytes.toString('latin1', 0, bytesRead))
      this.#rest = rest
      this.#book.add(messages)
    } finally {
      await file.close()
    }
  }
}
