const headerBytes = 44

export type Wave = { rate: number; channels: Int16Array[] }

/** 16 bit PCM. Channels of different length are filled up with silence. */
export function encodeWave({ rate, channels }: Wave): Buffer {
  const length = channels.reduce((longest, channel) => Math.max(longest, channel.length), 0)
  const dataBytes = length * channels.length * 2
  const buffer = Buffer.alloc(headerBytes + dataBytes)
  buffer.write('RIFF', 0, 'latin1')
  buffer.writeUInt32LE(headerBytes - 8 + dataBytes, 4)
  buffer.write('WAVEfmt ', 8, 'latin1')
  buffer.writeUInt32LE(16, 16)
  buffer.writeUInt16LE(1, 20)
  buffer.writeUInt16LE(channels.length, 22)
  buffer.writeUInt32LE(rate, 24)
  buffer.writeUInt32LE(rate * channels.length * 2, 28)
  buffer.writeUInt16LE(channels.length * 2, 32)
  buffer.writeUInt16LE(16, 34)
  buffer.write('data', 36, 'latin1')
  buffer.writeUInt32LE(dataBytes, 40)
  channels.forEach((channel, number) => {
    channel.forEach((sample, index) => {
      buffer.writeInt16LE(sample, headerBytes + (index * channels.length + number) * 2)
    })
  })
  return buffer
}

/** Reads what encodeWave writes. @throws when it is something else */
export function decodeWave(buffer: Buffer): Wave {
  const isOurs = buffer.toString('latin1', 0, 4) === 'RIFF' && buffer.toString('latin1', 36, 40) === 'data'
  if (!isOurs || buffer.readUInt16LE(34) !== 16) {
    throw new Error(
      'This is no WAV file of 16 bits without extra chunks: convert it, such as with sox in.wav -b 16 out.wav.',
    )
  }
  const count = buffer.readUInt16LE(22)
  const length = buffer.readUInt32LE(40) / 2 / count
  const channels = Array.from({ length: count }, (_, number) =>
    Int16Array.from({ length }, (_, index) => buffer.readInt16LE(headerBytes + (index * count + number) * 2)),
  )
  return { rate: buffer.readUInt32LE(24), channels }
}
