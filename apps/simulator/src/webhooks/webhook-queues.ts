import { setTimeout as pause } from 'node:timers/promises'
import { type Keys, signWebhook } from '../auth.ts'
import type { HttpSender } from '../http-sender.ts'
import { describeError, type Log } from '../log.ts'

// what the open-source server's notifier uses; real time
const maxQueueAgeMs = 30_000
const maxQueueDepth = 200
const retries = 4
const longestBackoffMs = 30_000

/** `key` says which webhooks keep their order: a room's name or an egress id. */
export type Webhook = { key: string; event: string; body: string }
export type WebhookCounts = {
  delivered: number
  failed: number
  droppedLate: number
  droppedFull: number
  retried: number
}

type Queued = Webhook & { queuedAt: number }
type Signed = { headers: Record<string, string>; body: string }

export type QueueOptions = {
  urls: string[]
  keys: Keys
  http: HttpSender
  /** Real ms before the first retry. */
  backoffMs: number
  closing: AbortSignal
  log: Log
}

/**
 * Delivers webhooks as livekit-server does: one at a time per key, in order, with retries on transport errors,
 * 429 and 5xx (not 501). What waits too long or too deep is dropped without a word.
 */
export class WebhookQueues {
  urls: string[]
  readonly counts: WebhookCounts = { delivered: 0, failed: 0, droppedLate: 0, droppedFull: 0, retried: 0 }
  readonly #options: Omit<QueueOptions, 'urls'>
  readonly #queues = new Map<string, Queued[]>()

  constructor({ urls, ...options }: QueueOptions) {
    this.urls = urls
    this.#options = options
  }

  add(webhook: Webhook): void {
    const queued = { ...webhook, queuedAt: Date.now() }
    const queue = this.#queues.get(webhook.key)
    if (!queue) void this.#drain(webhook.key, [queued])
    else if (queue.length >= maxQueueDepth) this.counts.droppedFull += 1
    else queue.push(queued)
  }

  // the first entry stays in the queue while it is on its way: the queue's presence means somebody drains it
  async #drain(key: string, queue: Queued[]) {
    this.#queues.set(key, queue)
    for (let webhook = queue[0]; webhook; queue.shift(), webhook = queue[0]) {
      if (Date.now() - webhook.queuedAt > maxQueueAgeMs) this.counts.droppedLate += 1
      else await this.#deliver(webhook)
      if (this.#options.closing.aborted) return
    }
    this.#queues.delete(key)
  }

  async #deliver({ body }: Webhook) {
    const headers = {
      authorization: signWebhook(body, this.#options.keys),
      'content-type': 'application/webhook+json',
      'user-agent': 'Go-http-client/1.1',
    }
    await Promise.all(this.urls.map((url) => this.#deliverTo(url, { headers, body })))
  }

  async #deliverTo(url: string, signed: Signed) {
    const { backoffMs, closing } = this.#options
    for (let attempt = 0; attempt <= retries && !closing.aborted; attempt += 1) {
      if (isDelivered(await this.#post(url, signed))) {
        this.counts.delivered += 1
        return
      }
      if (attempt === retries) break
      this.counts.retried += 1
      const waitMs = Math.min(backoffMs * 2 ** attempt, longestBackoffMs)
      await pause(waitMs, undefined, { signal: closing }).catch(() => {})
    }
    this.counts.failed += 1
  }

  /** Answers the status, or 0 when there was none. */
  #post(url: string, signed: Signed): Promise<number> {
    const { http, closing, log } = this.#options
    return http.post({ url, ...signed }).catch((error: unknown) => {
      if (!closing.aborted) log('warn', 'webhook not delivered', { url, error: describeError(error) })
      return 0
    })
  }
}

// a 4xx counts as delivered, and so does 501; 429 and other 5xx are tried again
function isDelivered(status: number): boolean {
  return (status >= 200 && status < 500 && status !== 429) || status === 501
}
