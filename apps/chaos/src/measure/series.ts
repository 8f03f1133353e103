/** Plain figures over moments and durations. */

/** The most moments in any second, the end of it not counted. */
export function worstSecond(moments: readonly number[]): number {
  const sorted = moments.toSorted((a, b) => a - b)
  let most = 0
  let first = 0
  sorted.forEach((moment, index) => {
    while ((sorted[first] ?? moment) <= moment - 1_000) first += 1
    most = Math.max(most, index - first + 1)
  })
  return most
}

/** The most intervals that overlap; one that ends when another begins does not overlap it. */
export function peakOverlap(intervals: readonly { from: number; to: number }[]): number {
  const turns = intervals
    .flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to, by: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.by - b.by)
  let open = 0
  let most = 0
  for (const { by } of turns) {
    open += by
    most = Math.max(most, open)
  }
  return most
}

/** The value that `share` (0 to 1) of the values do not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))] ?? Number.NaN
}

export const median = (values: readonly number[]) => percentile(values, 0.5)

export function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}
