const bias = 0x84
const clip = 32_635

/** G.711 µ-law: one byte for each 16 bit sample. */
export function encodeMuLaw(samples: Int16Array): Buffer {
  return Buffer.from(Uint8Array.from(samples, encodeSample))
}

export function decodeMuLaw(bytes: Uint8Array): Int16Array {
  return Int16Array.from(bytes, (byte) => decoded[byte] ?? 0)
}

function encodeSample(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0
  const height = Math.min(Math.abs(sample), clip) + bias
  const exponent = Math.max(0, 24 - Math.clz32(height))
  const mantissa = (height >> (exponent + 3)) & 0x0f
  return ~(sign | (exponent << 4) | mantissa) & 0xff
}

const decoded = Int16Array.from({ length: 256 }, (_, byte) => {
  const value = ~byte & 0xff
  const exponent = (value >> 4) & 0x07
  const height = ((((value & 0x0f) << 3) + bias) << exponent) - bias
  return value & 0x80 ? -height : height
})
