import { explainLiveKitError, LiveKitError } from './livekit-error.ts'
import { isTransportError } from './transport-error.ts'

/** Asks one LiveKit project and puts what goes wrong into words. */
export class Asker {
  readonly #host: string

  /** `host` without secrets, for the messages. */
  constructor(host: string) {
    this.#host = host
  }

  /** @throws LiveKitError that says what was being done */
  async once<T>(doing: string, request: () => Promise<T>, { repeatable = false } = {}): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw explainLiveKitError(error, { doing, host: this.#host, repeatable })
    }
  }

  /** For requests that come to the same whether carried out once or twice. @throws LiveKitError */
  twice<T>(doing: string, request: () => Promise<T>): Promise<T> {
    const repeated = () =>
      request().catch((error: unknown) => {
        if (!isTransportError(error)) throw error
        return request()
      })
    return this.once(doing, repeated, { repeatable: true })
  }

  notFound(what: string, id: string): LiveKitError {
    const message = `LiveKit at ${this.#host} has no ${what} ${id}. Choose one of its list, or create it.`
    return new LiveKitError('not_found', message)
  }
}
