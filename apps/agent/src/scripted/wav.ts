/** A file that is not a sound we can play, with what to do about it. */
export class WavError extends Error {}

/**
 * Reads 16-bit PCM of a WAV file, any rate, its channels mixed into one, and brings it to `sampleRate`.
 * Layout: chunks of RIFF, each a name, a length and a body padded to two bytes. @throws WavError
 */
export function readWav(file: Buffer, sampleRate: number): Int16Array {
  const wrong = (what: string) => new WavError(`${what}. Save it as WAV, PCM, 16 bit.`)
  if (file.toString('latin1', 0, 4) !== 'RIFF' || file.toString('latin1', 8, 12) !== 'WAVE') throw wrong('It is no WAV')
  let format: { channels: number; rate: number } | undefined
  for (let at = 12; at + 8 <= file.length; ) {
    const [name, length] = [file.toString('latin1', at, at + 4), file.readUInt32LE(at + 4)]
    const body = file.subarray(at + 8, at + 8 + length)
    if (name === 'fmt ') {
      if (body.length < 16) throw wrong('It is cut off')
      if (body.readUInt16LE(0) !== 1 || body.readUInt16LE(14) !== 16) throw wrong('It is compressed, or not 16 bit')
      format = { channels: body.readUInt16LE(2), rate: body.readUInt32LE(4) }
    }
    if (name === 'data' && format) return resample(mix(body, format.channels), format.rate, sampleRate)
    at += 8 + length + (length % 2)
  }
  throw wrong('There is no sound in it')
}

/** A WAV file of these samples, one channel. */
export function writeWav(samples: Int16Array, sampleRate: number): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(36 + samples.length * 2, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(1, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(sampleRate, 24)
  header.writeUInt32LE(sampleRate * 2, 28)
  header.writeUInt16LE(2, 32)
  header.writeUInt16LE(16, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(samples.length * 2, 40)
  return Buffer.concat([header, Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength)])
}

function mix(body: Buffer, channels: number): Int16Array {
  const mixed = new Int16Array(Math.floor(body.length / 2 / Math.max(1, channels)))
  for (let n = 0; n < mixed.length; n += 1) {
    let sum = 0
    for (let channel = 0; channel < channels; channel += 1) sum += body.readInt16LE((n * channels + channel) * 2)
    mixed[n] = Math.round(sum / channels)
  }
  return mixed
}

/** By straight lines between samples: good enough for a telephone. */
function resample(samples: Int16Array, from: number, to: number): Int16Array {
  if (from === to || from <= 0) return samples
  const resampled = new Int16Array(Math.floor((samples.length * to) / from))
  for (let n = 0; n < resampled.length; n += 1) {
    const at = (n * from) / to
    const [before, after] = [samples[Math.floor(at)] ?? 0, samples[Math.floor(at) + 1] ?? samples[Math.floor(at)] ?? 0]
    resampled[n] = Math.round(before + (after - before) * (at % 1))
  }
  return resampled
}
