import { randomInt } from 'node:crypto'
import { encodeMuLaw } from './mu-law.ts'

const samplesPerPacket = 160
const packetMs = 20

/** Says something once, packet by packet, and is silent after it. */
export class Speaker {
  readonly #speech: Int16Array
  readonly #startMs: number
  readonly #source = randomInt(2 ** 32)
  #sent = 0

  constructor(speech: Int16Array, startMs: number) {
    this.#speech = speech
    this.#startMs = startMs
  }

  /** The packets whose time has come; after a pause of the process at most half a second of them. */
  due(nowMs: number): Buffer[] {
    const wanted = Math.floor((nowMs - this.#startMs) / packetMs)
    const count = Math.min(Math.max(0, wanted - this.#sent), 25)
    return Array.from({ length: count }, () => this.#next())
  }

  /** What was said so far, with the silence. */
  said(): Int16Array {
    const all = new Int16Array(this.#sent * samplesPerPacket)
    all.set(this.#speech.subarray(0, all.length))
    return all
  }

  #next(): Buffer {
    const at = this.#sent * samplesPerPacket
    const samples = new Int16Array(samplesPerPacket)
    samples.set(this.#speech.subarray(at, at + samplesPerPacket))
    const header = Buffer.alloc(12)
    header.writeUInt8(0x80, 0)
    header.writeUInt16BE(this.#sent & 0xffff, 2)
    header.writeUInt32BE(at, 4)
    header.writeUInt32BE(this.#source, 8)
    this.#sent += 1
    return Buffer.concat([header, encodeMuLaw(samples)])
  }
}
