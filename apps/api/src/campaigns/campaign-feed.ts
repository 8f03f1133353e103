/**
 * What happens in a campaign, as it happens, for everybody who watches it. The database is asked once a second for all
 * of them together, from the first watcher until a while after the last one. The latest events are kept, so that a
 * watcher who was cut off goes on where it was; whoever was away for longer gets a snapshot.
 */
import { type CampaignStanding, readCampaignStatus } from '@outdial/dialing/campaigns/campaign-status'
import { type CallGlimpse, idOfNow, lookForMoves } from '@outdial/dialing/campaigns/watch-campaign'
import type { Who } from '@outdial/dialing/deps'
import type { RouteDeps } from '../context.ts'
import { Audience, type Watcher } from '../http/audience.ts'
import { timeOfUuid, uuidAt } from '../http/uuid-time.ts'

const lookEveryMs = 1_000
/** A campaign that is slow to look at is looked at less often: it costs at most a tenth of a connection. */
const restFactor = 9
/** Ids are made before their transaction commits, so that one may turn up below others. */
const lateMs = 10_000

export class CampaignFeed {
  readonly #deps: RouteDeps
  readonly #who: Omit<Who, 'now'>
  readonly #campaignId: string
  readonly #audience = new Audience()
  readonly #calls = new Map<string, CallGlimpse>()
  #status: CampaignStanding | undefined
  #newest = uuidAt(0)
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(deps: RouteDeps, options: { who: Omit<Who, 'now'>; campaignId: string }) {
    this.#deps = deps
    this.#who = options.who
    this.#campaignId = options.campaignId
  }

  /** Looks for the first time. Throws NotFound. */
  async open(): Promise<void> {
    this.#newest = await idOfNow(this.#deps)
    await this.#look()
    this.#schedule(lookEveryMs)
  }

  /** The campaign is gone, or nobody watches any more. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Sends what the watcher missed, or a snapshot, and from then on every event. Returns what ends that. */
  watch(watcher: Watcher, lastEventId: string | undefined): () => void {
    return this.#audience.join(watcher, lastEventId, () => this.#snapshot())
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
    try {
      await this.#look()
    } catch (error) {
      if (error instanceof Error && error.name === 'NotFound') return this.close()
      this.#deps.log.warn({ err: error, campaignId: this.#campaignId }, 'could not look at a campaign that is watched')
    }
    if (!this.#isClosed) this.#schedule(Math.max(lookEveryMs, (performance.now() - startedMs) * restFactor))
  }

  async #look(): Promise<void> {
    const who = { ...this.#who, now: this.#deps.clock.now() }
    const campaignId = this.#campaignId
    const status = await readCampaignStatus(this.#deps, who, { campaignId })
    const watched = [...this.#calls.values()].filter((call) => !call.settledAt).map((call) => call.id)
    const newerThan = uuidAt(timeOfUuid(this.#newest) - lateMs)
    const isFirst = this.#status === undefined
    for (const call of await lookForMoves(this.#deps, who, { campaignId, watched, newerThan })) {
      this.#notice(call, { isFirst })
    }
    this.#forgetOld()
    if (!isFirst && JSON.stringify(status) !== JSON.stringify(this.#status)) this.#audience.tell('status', status)
    this.#status = status
  }

  #notice(call: CallGlimpse, { isFirst }: { isFirst: boolean }): void {
    const before = this.#calls.get(call.id)
    this.#calls.set(call.id, call)
    if (call.id > this.#newest) this.#newest = call.id
    if (!isFirst && JSON.stringify(before) !== JSON.stringify(call)) this.#audience.tell('call', call)
  }

  /** A settled call is remembered for as long as it would be found among the new ones. */
  #forgetOld(): void {
    const newerThan = uuidAt(timeOfUuid(this.#newest) - lateMs)
    for (const [id, call] of this.#calls) if (call.settledAt && id <= newerThan) this.#calls.delete(id)
  }

  #snapshot(): unknown {
    const calls = [...this.#calls.values()].filter((call) => !call.endedAt)
    return { status: this.#status, calls }
  }
}
