/** What an ear has noticed: that somebody begins to make a sound, and for how long it went on. */
export type Sound = { kind: 'begins' } | { kind: 'ends'; soundMs: number }

type Options = {
  sampleRate: number
  /** From this loudness on it is a voice and not the line: root mean square of 16-bit samples. */
  loudnessMin?: number
  /** So much silence ends it. */
  silenceMs?: number
  /** What is shorter is a click. */
  soundMinMs?: number
  /** Whoever never stops is taken to have stopped after this. */
  soundMaxMs?: number
}

const windowMs = 20

/**
 * Tells sound from silence by loudness, window by window. It understands nothing: music on hold is somebody who talks.
 * Give it the samples as they come; it answers what it noticed in them.
 */
export function createEar(options: Options): (samples: Int16Array) => Sound[] {
  const { sampleRate, loudnessMin = 300, silenceMs = 600, soundMinMs = 120, soundMaxMs = 12_000 } = options
  const windowSamples = Math.round((sampleRate * windowMs) / 1_000)
  let squares = 0
  let counted = 0
  let loudMs = 0
  let quietMs = 0
  let totalMs = 0
  let isOn = false

  function noticeWindow(): Sound | undefined {
    const isLoud = Math.sqrt(squares / windowSamples) >= loudnessMin
    quietMs = isLoud ? 0 : quietMs + windowMs
    if (!isOn) {
      loudMs = isLoud ? loudMs + windowMs : 0
      if (loudMs < soundMinMs) return undefined
      isOn = true
      totalMs = loudMs
      return { kind: 'begins' }
    }
    totalMs += windowMs
    if (quietMs < silenceMs && totalMs - quietMs < soundMaxMs) return undefined
    isOn = false
    loudMs = 0
    return { kind: 'ends', soundMs: totalMs - quietMs }
  }

  return (samples) => {
    const noticed: Sound[] = []
    for (const sample of samples) {
      squares += sample * sample
      counted += 1
      if (counted < windowSamples) continue
      const sound = noticeWindow()
      if (sound) noticed.push(sound)
      squares = 0
      counted = 0
    }
    return noticed
  }
}
