/** True when `work` resolves within `limitMs`; false when it rejects or is given up on. */
export async function succeedsWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  const { promise: limit, resolve } = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => resolve(false), limitMs)
  const done = work.then(
    () => true,
    () => false,
  )
  try {
    return await Promise.race([done, limit])
  } finally {
    clearTimeout(timer)
  }
}

/** False when `work` was given up on after `limitMs`; how it ended does not matter. */
export function settlesWithin(work: Promise<unknown>, limitMs: number): Promise<boolean> {
  return succeedsWithin(Promise.allSettled([work]), limitMs)
}
