/** Waits for `work` at most `limitMs`. False means that it was given up on; a rejection counts as done. */
export async function settlesWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise: limit, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), limitMs)
  const done = work.then(
    () => true,
    () => true,
  )
  try {
    return await Promise.race([done, limit])
  } finally {
    clearTimeout(timer)
  }
}
