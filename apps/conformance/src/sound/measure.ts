/** How much of a sound there is, and how much of it is one tone. */
export type Loudness = {
  /** Root mean square; 1 = as loud as 16 bits can be, a tone of half the height is 0.35. */
  rms: number
  /** The part of the energy that is within a few Hz of the tone, 0 to 1. */
  toneShare: number
}

/** Measures windows of 100 ms with the Goertzel algorithm and returns those that are louder than `floor`, together. */
export function measureTone(
  samples: Int16Array,
  { hz, rate, floor = 0.01 }: { hz: number; rate: number; floor?: number },
): Loudness & { soundingMs: number } {
  const size = rate / 10
  let windows = 0
  let energy = 0
  let ofTone = 0
  for (let from = 0; from + size <= samples.length; from += size) {
    const window = samples.subarray(from, from + size)
    const power = powerOf(window)
    if (Math.sqrt(power) < floor) continue
    windows += 1
    energy += power
    ofTone += tonePowerOf(window, { hz, rate })
  }
  if (windows === 0) return { rms: 0, toneShare: 0, soundingMs: 0 }
  return { rms: Math.sqrt(energy / windows), toneShare: Math.min(1, ofTone / energy), soundingMs: windows * 100 }
}

/** Mean square of samples whose full height is 1. */
export function powerOf(samples: Int16Array): number {
  let sum = 0
  for (const sample of samples) sum += (sample / 32_768) ** 2
  return samples.length === 0 ? 0 : sum / samples.length
}

/** The mean square of the one tone in the window. */
function tonePowerOf(window: Int16Array, { hz, rate }: { hz: number; rate: number }): number {
  const coefficient = 2 * Math.cos((2 * Math.PI * hz) / rate)
  let before = 0
  let last = 0
  for (const sample of window) {
    const next = sample / 32_768 + coefficient * last - before
    before = last
    last = next
  }
  const magnitude = last ** 2 + before ** 2 - coefficient * last * before
  return (2 * magnitude) / window.length ** 2
}
