/** Luck that can be repeated: the same keys give the same numbers, whatever else is drawn elsewhere. */
export type Luck = {
  /** From 0 up to, but without, 1. */
  next(): number
  /** A whole number; both ends can come. */
  whole(from: number, to: number): number
  /** True in so many of a hundred cases. */
  percent(share: number): boolean
  pick<T>(choices: readonly T[]): T
  /** So many different ones, in the order drawn; all of them where there are fewer. */
  some<T>(choices: readonly T[], count: number): T[]
}

export function createLuck(...keys: (string | number)[]): Luck {
  const next = seededNumbers(keys.join('/'))
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  const pick = <T>(choices: readonly T[]): T => {
    const choice = choices[whole(0, choices.length - 1)]
    if (choice === undefined) throw new Error('there is nothing to pick from')
    return choice
  }
  return {
    next,
    whole,
    percent: (share) => next() * 100 < share,
    pick,
    some(choices, count) {
      const left = [...choices]
      return Array.from({ length: Math.min(count, left.length) }, () =>
        left.splice(whole(0, left.length - 1), 1),
      ).flat()
    },
  }
}

/** SplitMix32 over an FNV-1a hash of the key. */
function seededNumbers(key: string): () => number {
  let state = 0x811c9dc5
  for (const character of key) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193)
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}
