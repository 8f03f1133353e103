import type { Faults } from '../control/faults.ts'
import { type QueueOptions, type Webhook, type WebhookCounts, WebhookQueues } from './webhook-queues.ts'

type Held = { webhook: Webhook; timer: NodeJS.Timeout }

/** Hands webhooks to their queues, unless a fault loses, repeats or holds them back. */
export class WebhookSender {
  readonly #queues: WebhookQueues
  readonly #faults: Faults
  readonly #closing: AbortSignal
  readonly #timers = new Set<NodeJS.Timeout>()
  /** By key, what lets the next webhook of its queue pass. */
  readonly #held = new Map<string, Held>()

  constructor({ faults, ...options }: QueueOptions & { faults: Faults }) {
    this.#queues = new WebhookQueues(options)
    this.#faults = faults
    this.#closing = options.closing
  }

  counts(): WebhookCounts {
    return { ...this.#queues.counts }
  }

  urls(): string[] {
    return this.#queues.urls
  }

  setUrls(urls: string[]): void {
    this.#queues.urls = urls
  }

  send(webhook: Webhook): void {
    if (this.#queues.urls.length === 0 || this.#closing.aborted) return
    const fault = this.#faults.forDelivery('webhook', webhook.event)
    switch (fault?.action) {
      case 'drop':
        return
      case 'delay':
        this.#after(fault.delayMs, () => this.#queues.add(webhook))
        return
      case 'reorder':
        if (this.#held.has(webhook.key)) this.#pass(webhook)
        else this.#hold(webhook, fault.delayMs)
        return
      case 'double':
        this.#queues.add(webhook)
        this.#pass(webhook)
        return
      case undefined:
        this.#pass(webhook)
    }
  }

  /** Forgets what a fault holds back. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
    this.#held.clear()
  }

  /** Sends a webhook, and after it the one that waited for a successor. */
  #pass(webhook: Webhook) {
    this.#queues.add(webhook)
    this.#release(webhook.key)
  }

  #hold(webhook: Webhook, delayMs: number) {
    const timer = this.#after(delayMs, () => this.#release(webhook.key))
    this.#held.set(webhook.key, { webhook, timer })
  }

  #release(key: string) {
    const held = this.#held.get(key)
    if (!held) return
    this.#held.delete(key)
    clearTimeout(held.timer)
    this.#timers.delete(held.timer)
    this.#queues.add(held.webhook)
  }

  #after(delayMs: number, action: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      action()
    }, delayMs)
    this.#timers.add(timer)
    return timer
  }
}
