/**
 * Calls of no campaign, as they happen: those that come in, and those that somebody asked for. The database is asked
 * twice a second for all watchers of a workspace together, from the first one until a while after the last one.
 */
import { lookForCalls, type WatchedCall } from '@outdial/dialing/calls/watch-calls'
import { idOfNow } from '@outdial/dialing/campaigns/watch-campaign'
import type { Who } from '@outdial/dialing/deps'
import type { RouteDeps } from '../context.ts'
import { Audience, type Watcher } from '../http/audience.ts'
import type { Feed } from '../http/event-stream.ts'
import { timeOfUuid, uuidAt } from '../http/uuid-time.ts'

/** Whoever calls in should be seen within a second. */
const lookEveryMs = 500
/** A database that is slow is asked less often: it costs at most a tenth of a connection. */
const restFactor = 9
/** Ids are made before their transaction commits, so that one may turn up below others. */
const lateMs = 3_000

export class CallFeed implements Feed {
  readonly #deps: RouteDeps
  readonly #who: Omit<Who, 'now'>
  readonly #audience = new Audience()
  readonly #calls = new Map<string, WatchedCall>()
  #newest = uuidAt(0)
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(deps: RouteDeps, who: Omit<Who, 'now'>) {
    this.#deps = deps
    this.#who = who
  }

  async open(): Promise<void> {
    this.#newest = await idOfNow(this.#deps)
    await this.#look({ isFirst: true })
    this.#schedule(lookEveryMs)
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  watch(watcher: Watcher, lastEventId: string | undefined): () => void {
    const snapshot = () => ({ calls: [...this.#calls.values()].filter((call) => !call.endedAt) })
    return this.#audience.join(watcher, lastEventId, snapshot)
  }

  close(): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#audience.dismiss()
  }

  #schedule(afterMs: number): void {
    this.#timer = setTimeout(() => void this.#lookAgain(), afterMs)
    this.#timer.unref()
  }

  async #lookAgain(): Promise<void> {
    const startedMs = performance.now()
    await this.#look({ isFirst: false }).catch((err: unknown) => {
      this.#deps.log.warn({ err, workspaceId: this.#who.workspaceId }, 'could not look at calls that are watched')
    })
    if (!this.#isClosed) this.#schedule(Math.max(lookEveryMs, (performance.now() - startedMs) * restFactor))
  }

  async #look({ isFirst }: { isFirst: boolean }): Promise<void> {
    const watched = [...this.#calls.values()].filter((call) => !call.settledAt).map((call) => call.id)
    const newerThan = this.#lateBefore()
    for (const call of await lookForCalls(this.#deps, this.#who, { watched, newerThan })) {
      const before = this.#calls.get(call.id)
      this.#calls.set(call.id, call)
      if (call.id > this.#newest) this.#newest = call.id
      if (!isFirst && JSON.stringify(before) !== JSON.stringify(call)) this.#audience.tell('call', call)
    }
    // A settled call is remembered for as long as it would be found among the new ones.
    for (const [id, call] of this.#calls) if (call.settledAt && id <= this.#lateBefore()) this.#calls.delete(id)
  }

  #lateBefore(): string {
    return uuidAt(timeOfUuid(this.#newest) - lateMs)
  }
}
