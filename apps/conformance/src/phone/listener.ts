import { decodeMuLaw } from './mu-law.ts'
import { telephoneEvent } from './sip-messages.ts'

/** By their codes (RFC 4733). */
export const keys = '0123456789*#ABCD'

/** Puts the packets of one source together. */
export class Listener {
  dtmf = ''
  /** When the first sound came; keys are no sound. */
  startedMs: number | undefined
  readonly #pieces: { at: number; samples: Int16Array }[] = []
  #firstTimestamp: number | undefined
  #lastKeyTimestamp: number | undefined

  /** A packet of RTP, with its header (RFC 3550), and when it came. */
  hear(packet: Buffer, atMs = 0): void {
    const first = packet[0] ?? 0
    if (first >> 6 !== 2) return
    const payloadType = (packet[1] ?? 0) & 0x7f
    const timestamp = packet.readUInt32BE(4)
    const body = packet.subarray(12 + (first & 0x0f) * 4)
    if (payloadType === telephoneEvent) this.#press(body, timestamp)
    if (payloadType !== 0) return
    this.#firstTimestamp ??= timestamp
    this.startedMs ??= atMs
    this.#pieces.push({ at: (timestamp - this.#firstTimestamp) >>> 0, samples: decodeMuLaw(body) })
  }

  /** What was heard since the first packet; what is missing, or later than it can be, is silence. */
  heard(): Int16Array {
    const real = this.#pieces.filter(({ at }) => at < longest)
    const length = real.reduce((most, { at, samples }) => Math.max(most, at + samples.length), 0)
    const all = new Int16Array(length)
    for (const { at, samples } of real) all.set(samples, at)
    return all
  }

  /** A key is sent in many packets, all with the time at which it was pressed. */
  #press(body: Buffer, timestamp: number): void {
    if (timestamp === this.#lastKeyTimestamp) return
    this.#lastKeyTimestamp = timestamp
    this.dtmf += keys[body[0] ?? keys.length] ?? ''
  }
}

/** An hour: what claims to be later is noise. */
const longest = 3_600 * 8_000
