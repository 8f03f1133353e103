/** Whoever watches one feed. The latest events are kept, so that a watcher who was cut off goes on where it was. */
export type FeedEvent = { id: string; event: string; data: unknown }
export type Watcher = (event: FeedEvent) => void

const keptEvents = 1_000

export class Audience {
  readonly #watchers = new Set<Watcher>()
  readonly #events: FeedEvent[] = []
  /** Ids of another process, or of an earlier feed, must not look like ours. */
  readonly #name = crypto.randomUUID().slice(0, 8)
  #count = 0

  /** Sends what the watcher missed, or a snapshot, and from then on every event. Returns what ends that. */
  join(watcher: Watcher, lastEventId: string | undefined, snapshot: () => unknown): () => void {
    const missed = this.#missedSince(lastEventId) ?? [{ id: this.#lastId(), event: 'snapshot', data: snapshot() }]
    for (const event of missed) watcher(event)
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  tell(event: string, data: unknown): void {
    this.#count += 1
    const told = { id: this.#lastId(), event, data }
    this.#events.push(told)
    if (this.#events.length > keptEvents) this.#events.shift()
    for (const watcher of this.#watchers) watcher(told)
  }

  /** Nothing more comes. */
  dismiss(): void {
    for (const watcher of this.#watchers) watcher({ id: this.#lastId(), event: 'end', data: {} })
    this.#watchers.clear()
  }

  /** Undefined when that is not known any more. */
  #missedSince(lastEventId: string | undefined): FeedEvent[] | undefined {
    const [name, number] = lastEventId?.split('-') ?? []
    const last = Number(number)
    const forgotten = this.#count - this.#events.length
    if (name !== this.#name || !(last >= forgotten && last <= this.#count)) return undefined
    return this.#events.slice(last - forgotten)
  }

  #lastId(): string {
    return `${this.#name}-${this.#count}`
  }
}
