import { setTimeout as pause } from 'node:timers/promises'
import { type Keys, signWebhook } from '../auth.ts'
import type { Faults } from '../control/faults.ts'
import type { HttpSender } from '../http-sender.ts'
import { describeError, type Log } from '../log.ts'

// what the open-source server's notifier uses; real time
const maxQueueAgeMs = 30_000
const maxQueueDepth = 200
const retries = 4
const longestBackoffMs = 30_000

export type Notice = { key: string; event: string; body: string }
type Queued = Notice & { queuedAt: number }
type Counts = { delivered: number; failed: number; droppedLate: number; droppedFull: number; retried: number }

type Options = { urls: string[]; keys: Keys; http: HttpSender; faults: Faults; backoffMs: number; log: Log }

export type WebhookSender = ReturnType<typeof createWebhookSender>

/**
 * Delivers webhooks as livekit-server does: one at a time per key (room or egress), in order, with retries
 * on transport errors, 429 and 5xx (not 501). What waits too long or too deep is dropped without a word.
 */
export function createWebhookSender({ urls, keys, http, faults, backoffMs, log }: Options) {
  const queues = new Map<string, Queued[]>()
  const held = new Map<string, { notice: Notice; timer: NodeJS.Timeout }>()
  const timers = new Set<NodeJS.Timeout>()
  const closing = new AbortController()
  const counts: Counts = { delivered: 0, failed: 0, droppedLate: 0, droppedFull: 0, retried: 0 }
  let targets = urls

  function enqueue(notice: Notice) {
    const queue = queues.get(notice.key)
    const queued = { ...notice, queuedAt: Date.now() }
    if (!queue) {
      const fresh = [queued]
      queues.set(notice.key, fresh)
      void drain(notice.key, fresh)
    } else if (queue.length >= maxQueueDepth) {
      counts.droppedFull += 1
    } else {
      queue.push(queued)
    }
  }

  // the first entry stays in the queue while it is on its way: the queue's presence means somebody drains it
  async function drain(key: string, queue: Queued[]) {
    for (let notice = queue[0]; notice; queue.shift(), notice = queue[0]) {
      if (Date.now() - notice.queuedAt > maxQueueAgeMs) counts.droppedLate += 1
      else await deliver(notice)
      if (closing.signal.aborted) return
    }
    queues.delete(key)
  }

  async function deliver(notice: Notice) {
    const authorization = signWebhook(notice.body, keys)
    const headers = {
      authorization,
      'content-type': 'application/webhook+json',
      'user-agent': 'LiveKit',
    }
    await Promise.all(targets.map((url) => deliverTo(url, { notice, headers })))
  }

  async function deliverTo(url: string, { notice, headers }: { notice: Notice; headers: Record<string, string> }) {
    for (let attempt = 0; attempt <= retries && !closing.signal.aborted; attempt += 1) {
      const status = await http.post({ url, headers, body: notice.body }).catch((error) => {
        if (!closing.signal.aborted) log('warn', 'webhook not delivered', { url, error: describeError(error) })
        return 0
      })
      if (isDelivered(status)) {
        counts.delivered += 1
        return
      }
      if (attempt === retries) break
      counts.retried += 1
      const waitMs = Math.min(backoffMs * 2 ** attempt, longestBackoffMs)
      await pause(waitMs, undefined, { signal: closing.signal }).catch(() => {})
    }
    counts.failed += 1
  }

  function later(delayMs: number, action: () => void): NodeJS.Timeout {
    const timer = setTimeout(() => {
      timers.delete(timer)
      action()
    }, delayMs)
    timers.add(timer)
    return timer
  }

  function release(key: string) {
    const waiting = held.get(key)
    if (!waiting) return
    held.delete(key)
    clearTimeout(waiting.timer)
    timers.delete(waiting.timer)
    enqueue(waiting.notice)
  }

  return {
    counts: (): Counts => ({ ...counts }),
    urls: () => targets,
    setUrls(next: string[]) {
      targets = next
    },
    send(notice: Notice) {
      if (targets.length === 0 || closing.signal.aborted) return
      const fault = faults.forDelivery('webhook', notice.event)
      if (fault?.action === 'drop') return
      if (fault?.action === 'delay') {
        later(fault.delayMs, () => enqueue(notice))
        return
      }
      if (fault?.action === 'reorder' && !held.has(notice.key)) {
        held.set(notice.key, { notice, timer: later(fault.delayMs, () => release(notice.key)) })
        return
      }
      enqueue(notice)
      if (fault?.action === 'double') enqueue(notice)
      release(notice.key)
    },
    close() {
      closing.abort()
      for (const timer of timers) clearTimeout(timer)
      held.clear()
      queues.clear()
    },
  }
}

// a 4xx counts as delivered, and so does 501; 429 and other 5xx are tried again
function isDelivered(status: number): boolean {
  return (status >= 200 && status < 500 && status !== 429) || status === 501
}
