/** A stereo Ogg Opus file of silence that players play: nobody in the simulator makes a sound. */
export function writeSilence(durationMs: number): Buffer {
  const packets = Math.max(1, Math.ceil(durationMs / frameMs))
  const pages = [writePage({ packets: [opusHead], granule: 0, sequence: 0, type: beginsStream })]
  pages.push(writePage({ packets: [opusTags], granule: 0, sequence: 1, type: 0 }))
  for (let first = 0; first < packets; first += packetsPerPage) {
    const count = Math.min(packetsPerPage, packets - first)
    const isLast = first + count === packets
    pages.push(
      writePage({
        packets: Array.from({ length: count }, () => silentFrame),
        granule: preSkip + (first + count) * samplesPerFrame,
        sequence: pages.length,
        type: isLast ? endsStream : 0,
      }),
    )
  }
  return Buffer.concat(pages)
}

// Opus always counts at 48 kHz; RFC 6716 and RFC 7845
const frameMs = 20
const samplesPerFrame = 960
const preSkip = 312
// a CELT frame of 20 ms in stereo that codes silence
const silentFrame = Buffer.from([0xfc, 0xff, 0xfe])
const packetsPerPage = 250
const [beginsStream, endsStream] = [2, 4]
const serial = 0x0d1a1

const opusHead = Buffer.concat([
  Buffer.from('OpusHead'),
  Buffer.from([1, 2, preSkip & 255, preSkip >> 8]),
  u32(48_000),
  Buffer.alloc(3),
])
const vendor = Buffer.from('simulator')
const opusTags = Buffer.concat([Buffer.from('OpusTags'), u32(vendor.length), vendor, u32(0)])

type Page = { packets: Buffer[]; granule: number; sequence: number; type: number }

/** An Ogg page as in RFC 3533; packets here are shorter than 255 bytes, so each is one segment. */
function writePage({ packets, granule, sequence, type }: Page): Buffer {
  const header = Buffer.alloc(27)
  header.write('OggS', 0, 'latin1')
  header.writeUInt8(type, 5)
  header.writeBigUInt64LE(BigInt(granule), 6)
  header.writeUInt32LE(serial, 14)
  header.writeUInt32LE(sequence, 18)
  header.writeUInt8(packets.length, 26)
  const page = Buffer.concat([header, Buffer.from(packets.map((packet) => packet.length)), ...packets])
  page.writeUInt32LE(checksum(page), 22)
  return page
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

const crcTable = Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 24
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
  return crc >>> 0
})

/** Ogg's CRC-32: not reflected, and without the inversions of the usual one. */
function checksum(bytes: Buffer): number {
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) ^ (crcTable[((crc >>> 24) ^ byte) & 255] ?? 0)) >>> 0
  return crc
}
