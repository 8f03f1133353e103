/** The first three resonances of a mouth that says a vowel, in Hz; textbook values of a low voice. */
const vowels: Record<string, [number, number, number]> = {
  a: [730, 1_090, 2_440],
  e: [530, 1_840, 2_480],
  i: [270, 2_290, 3_010],
  o: [570, 840, 2_410],
  u: [300, 870, 2_240],
  y: [390, 1_990, 2_550],
}
const syllableMs = 170
const wordGapMs = 70
const sentenceGapMs = 220
const pitchHz = 118
const peak = 9_000

/**
 * Sound with the rhythm and the colours of speech, and none of its words: a syllable per vowel, a pause between words.
 * It is loud enough for anything that listens for a voice, and always the same for the same text.
 */
export function speak(text: string, sampleRate: number): Int16Array {
  const parts = text
    .toLowerCase()
    .split(/\s+/)
    .filter(Boolean)
    .flatMap((word) => {
      const gapMs = /[.!?:]$/.test(word) ? sentenceGapMs : wordGapMs
      return [...syllablesOf(word).map((vowel) => sing(vowel, sampleRate)), silence(gapMs, sampleRate)]
    })
  return join(parts)
}

export function silence(ms: number, sampleRate: number): Int16Array {
  return new Int16Array(Math.round((sampleRate * ms) / 1_000))
}

function join(parts: Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** One per group of vowels; words of scripts without them count a syllable for every two characters. */
function syllablesOf(word: string): string[] {
  const groups = word.normalize('NFD').match(/[aeiouy]+/g)
  return groups?.map((group) => group[0] ?? 'a') ?? Array<string>(Math.max(1, Math.ceil(word.length / 2))).fill('e')
}

/** Harmonics of one pitch, each as strong as the vowel's resonances make it, swelling and fading once. */
function sing(vowel: string, sampleRate: number): Int16Array {
  const formants = vowels[vowel] ?? [500, 1_500, 2_500]
  const samples = silence(syllableMs, sampleRate)
  const harmonics = strengths(formants, sampleRate)
  const loudest = harmonics.reduce((sum, strength) => sum + strength, 0)
  for (let n = 0; n < samples.length; n += 1) {
    const along = n / samples.length
    const phase = (2 * Math.PI * pitchHz * (1 + 0.06 * Math.sin(Math.PI * along)) * n) / sampleRate
    const wave = harmonics.reduce((sum, strength, index) => sum + strength * Math.sin(phase * (index + 1)), 0)
    samples[n] = Math.round((peak * Math.sin(Math.PI * along) * 2 * wave) / loudest)
  }
  return samples
}

function strengths(formants: readonly number[], sampleRate: number): number[] {
  const count = Math.floor(Math.min(3_400, sampleRate / 2) / pitchHz)
  return Array.from({ length: count }, (_, index) => {
    const hz = pitchHz * (index + 1)
    return formants.reduce((sum, formant, which) => sum + 1 / (1 + ((hz - formant) / 90) ** 2) / (which + 1), 0.02)
  })
}
