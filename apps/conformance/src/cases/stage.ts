import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { SeenCall, Target } from '../targets/target.ts'
import type { ReceivedWebhook } from '../targets/webhook-inbox.ts'
import type { Json } from './case.ts'
import { normalise } from './normalise.ts'

/** What one case has to work with: the target, names of its own, and a place to say what must hold. */
export class Stage {
  readonly target: Target
  /** What Outdial relies on and did not get. */
  readonly failures: string[] = []
  /** Words for the names this case made up. */
  readonly #names = new Map<string, string>()
  readonly #prefix: string
  #rooms = 0

  constructor(target: Target, caseName: string) {
    this.target = target
    this.#prefix = `${caseName}-${randomBytes(4).toString('hex')}`
    this.#names.set(target.phoneAddress, '<phone>')
  }

  /** A name that no other case has. */
  newRoom(): string {
    this.#rooms += 1
    return this.name(`${this.#prefix}-${this.#rooms}`, this.#rooms === 1 ? '<room>' : `<room ${this.#rooms}>`)
  }

  /** A number to call from that no other dial has: it tells the calls of the telephone apart. */
  newFrom(): string {
    const digits = String(randomBytes(4).readUInt32BE() % 10_000_000).padStart(7, '0')
    return this.name(`+1646${digits}`, '<from>')
  }

  /** From now on the observations say `word` where there is `text`. */
  name(text: string, word: string): string {
    this.#names.set(text, word)
    return text
  }

  normal(value: unknown): Json {
    return normalise(value, this.#names)
  }

  /** The same for what is text and stays text. */
  text(value: string): string {
    const cleaned = this.normal(value)
    return typeof cleaned === 'string' ? cleaned : value
  }

  /** Outdial relies on this. */
  rely(claim: string, holds: boolean): void {
    if (!holds) this.failures.push(claim)
  }

  /** Polls until there is an answer; after `withinMs` of the target's clock, and ten seconds more, it fails. */
  async until<T>(
    what: string,
    probe: () => Promise<T | undefined | false> | T | undefined | false,
    withinMs = 30_000,
  ): Promise<T> {
    const deadline = Date.now() + this.target.toRealMs(withinMs) + 10_000
    while (Date.now() < deadline) {
      const found = await probe()
      if (found) return found
      await pause(15)
    }
    throw new Error(`waited in vain for ${what}`)
  }

  /** Lets time of the target's clock pass. For what must not happen: what happens is waited for with `until`. */
  async pass(clockMs: number): Promise<void> {
    await pause(this.target.toRealMs(clockMs))
  }

  webhooks(roomName: string): ReceivedWebhook[] {
    const seen = new Set<string>()
    return this.target.inbox.of(roomName).filter(({ eventId }) => !seen.has(eventId) && seen.add(eventId))
  }

  webhook(roomName: string, event: string): Promise<ReceivedWebhook> {
    return this.until(
      `${event} of ${roomName}`,
      () => this.webhooks(roomName).find((each) => each.event === event),
      60_000,
    )
  }

  async callsFrom(from: string): Promise<SeenCall[]> {
    return (await this.target.calls()).filter((call) => call.from.includes(from.replace('+', '')))
  }

  /** The only call from this number, once the telephone knows how it ended. */
  endedCall(from: string, withinMs = 60_000): Promise<SeenCall> {
    const probe = async () => (await this.callsFrom(from)).find((call) => call.endedMs !== undefined)
    return this.until(`the end of the call from ${from}`, probe, withinMs)
  }

  /**
   * "about 5 s" where it is that, else what it was. It may be late by as much as a busy machine makes it late (three
   * seconds of real time), early by one second.
   */
  about(ms: number | undefined, expectedMs: number): string {
    if (ms === undefined) return 'never'
    const lateMs = 1_500 + 3_000 / this.target.toRealMs(1)
    const isAsExpected = ms >= expectedMs - 1_000 && ms <= expectedMs + lateMs
    return isAsExpected ? `about ${expectedMs / 1000} s` : `${(ms / 1000).toFixed(1)} s, not ${expectedMs / 1000} s`
  }
}
