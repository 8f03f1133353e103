/** A tone as 16 bit samples, half as loud as can be; `fromSample` continues one without a click. */
export function tone(sound: { hz: number; rate: number; samples: number; fromSample?: number }): Int16Array {
  const { hz, rate, samples, fromSample = 0 } = sound
  const step = (2 * Math.PI * hz) / rate
  return Int16Array.from({ length: samples }, (_, index) => Math.round(16_384 * Math.sin(step * (fromSample + index))))
}
