import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type LiveKitWebhook, receiveLiveKitWebhook } from '@outdial/telephony/livekit-webhook'

export type ReceivedWebhook = LiveKitWebhook & {
  headers: IncomingHttpHeaders
  rawBody: Buffer
  /** Real ms since 1970. */
  receivedMs: number
}

/** A receiver of webhooks that verifies each as Outdial does. */
export class WebhookInbox {
  readonly url: string
  /** What could not be verified: nothing, on a good day. */
  readonly refused: string[] = []
  readonly #received: ReceivedWebhook[] = []
  readonly #statuses = new Map<string, number[]>()
  readonly #close: () => Promise<void>

  #keys = { apiKey: '', apiSecret: '' }

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url
    this.#close = close
  }

  /** Any free port of 127.0.0.1. */
  static async open(): Promise<WebhookInbox> {
    const server = createServer((request, response) => {
      void (async () => {
        const rawBody = await buffer(request)
        response.statusCode = await inbox.#take({ headers: request.headers, rawBody })
        response.end()
      })()
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/webhook`
    const inbox = new WebhookInbox(url, async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    })
    return inbox
  }

  /** The keys that webhooks are signed with; before they are known, all are refused. */
  trust({ apiKey, apiSecret }: { apiKey: string; apiSecret: string }): void {
    this.#keys = { apiKey, apiSecret }
  }

  /** Of a room, in the order they came, repetitions included. */
  of(roomName: string): ReceivedWebhook[] {
    return this.#received.filter((each) => each.roomName === roomName)
  }

  all(): readonly ReceivedWebhook[] {
    return this.#received
  }

  /** What the next webhooks of a room are answered with, before 200 becomes the answer to everything. */
  answerNext(roomName: string, statuses: number[]): void {
    this.#statuses.set(roomName, [...statuses])
  }

  close(): Promise<void> {
    return this.#close()
  }

  async #take({ headers, rawBody }: { headers: IncomingHttpHeaders; rawBody: Buffer }): Promise<number> {
    try {
      const { authorization } = headers
      const webhook = await receiveLiveKitWebhook({ rawBody, authorization, ...this.#keys, now: new Date() })
      this.#received.push({ ...webhook, headers, rawBody, receivedMs: Date.now() })
      return this.#statuses.get(webhook.roomName ?? '')?.shift() ?? 200
    } catch (error) {
      this.refused.push(`${error instanceof Error ? error.message : String(error)} ${rawBody.toString()}`)
      return 401
    }
  }
}
