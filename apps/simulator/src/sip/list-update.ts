import type { ListUpdate } from '@livekit/protocol'

/** Applies LiveKit's set / add / remove / clear to a list; no update leaves it alone. */
export function updateList(list: string[], update: ListUpdate | undefined): string[] {
  if (!update) return list
  if (update.clear) return []
  if (update.set.length > 0) return update.set
  const kept = list.filter((each) => !update.remove.includes(each))
  return [...kept, ...update.add.filter((each) => !kept.includes(each))]
}

/** Applies the fields of a partial update that are set and are no lists. */
export function updateFields<T extends object>(target: T, update: object): void {
  for (const [name, value] of Object.entries(update) as [string, unknown][]) {
    const isPlain = ['string', 'number', 'boolean'].includes(typeof value)
    if (isPlain && name in target) Object.assign(target, { [name]: value })
  }
}
