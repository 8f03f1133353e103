import { randomInt } from 'node:crypto'
import { keys } from './listener.ts'
import { encodeMuLaw } from './mu-law.ts'
import { telephoneEvent } from './sip-messages.ts'

const samplesPerPacket = 160
const packetMs = 20

/** Samples to say, 8,000 per second; or with keys that are pressed so long after the beginning. */
export type Speech = Int16Array | { samples: Int16Array; keys: { key: string; afterMs: number }[] }

/** A key lasts for so many packets, of which the last three say that it was let go (RFC 4733). */
const packetsPerKey = 8

/** Says something once, packet by packet, and is silent after it. */
export class Speaker {
  readonly #speech: Int16Array
  readonly #keys: { code: number; from: number }[]
  readonly #startMs: number
  readonly #source = randomInt(2 ** 32)
  #sent = 0

  constructor(speech: Speech, startMs: number) {
    const { samples, keys: pressed } = speech instanceof Int16Array ? { samples: speech, keys: [] } : speech
    this.#speech = samples
    this.#keys = pressed.map(({ key, afterMs }) => ({ code: keys.indexOf(key), from: Math.floor(afterMs / packetMs) }))
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
    const packet = this.#sent
    this.#sent += 1
    const key = this.#keys.find(({ from }) => packet >= from && packet < from + packetsPerKey)
    return key ? this.#press(key, packet) : this.#say(packet)
  }

  #say(packet: number): Buffer {
    const at = packet * samplesPerPacket
    const samples = new Int16Array(samplesPerPacket)
    samples.set(this.#speech.subarray(at, at + samplesPerPacket))
    return Buffer.concat([this.#header({ packet, at, type: 0 }), encodeMuLaw(samples)])
  }

  /** All packets of a key have the time at which it was pressed, and say how long it was held by now. */
  #press({ code, from }: { code: number; from: number }, packet: number): Buffer {
    const held = packet - from + 1
    const body = Buffer.alloc(4)
    body.writeUInt8(code, 0)
    body.writeUInt8((held > packetsPerKey - 3 ? 0x80 : 0) | 10, 1)
    body.writeUInt16BE(held * samplesPerPacket, 2)
    const marker = held === 1 ? 0x80 : 0
    return Buffer.concat([this.#header({ packet, at: from * samplesPerPacket, type: marker | telephoneEvent }), body])
  }

  #header({ packet, at, type }: { packet: number; at: number; type: number }): Buffer {
    const header = Buffer.alloc(12)
    header.writeUInt8(0x80, 0)
    header.writeUInt8(type, 1)
    header.writeUInt16BE(packet & 0xffff, 2)
    header.writeUInt32BE(at, 4)
    header.writeUInt32BE(this.#source, 8)
    return header
  }
}
