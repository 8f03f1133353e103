/** What held from when on, in real ms; in order of time. */
export type Timeline<T> = { fromMs: number; value: T }[]

/** Everything that held at some moment of the span, both ends included; empty before the first entry. */
export function during<T>(timeline: Timeline<T>, { fromMs, toMs }: { fromMs: number; toMs: number }): T[] {
  let low = 0
  let high = timeline.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((timeline[middle]?.fromMs ?? 0) <= fromMs) low = middle + 1
    else high = middle
  }
  const held: T[] = []
  for (let index = Math.max(0, low - 1); index < timeline.length; index += 1) {
    const entry = timeline[index]
    if (!entry || entry.fromMs > toMs) break
    held.push(entry.value)
  }
  return held
}
