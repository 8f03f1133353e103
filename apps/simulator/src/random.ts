export type Random = () => number

/** A stream of numbers in [0, 1) that is always the same for the same keys. */
export function seededRandom(...keys: (string | number)[]): Random {
  let state = hash(keys.join('\u0000'))
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** A number between the two, spread evenly. */
export function between(random: Random, from: number, to: number): number {
  return from + random() * (to - from)
}

/** Picks a key by its weight. */
export function pickWeighted<K extends string>(random: Random, weights: readonly (readonly [K, number])[]): K {
  const total = weights.reduce((sum, [, weight]) => sum + weight, 0)
  let left = random() * total
  for (const [key, weight] of weights) {
    left -= weight
    if (left < 0) return key
  }
  const last = weights.at(-1)
  if (!last) throw new Error('pickWeighted needs at least one weight')
  return last[0]
}

// FNV-1a with a final avalanche, so that neighbouring numbers do not get neighbouring streams
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  }
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  value = Math.imul(value ^ (value >>> 13), 0xc2b2ae35)
  return value ^ (value >>> 16)
}
