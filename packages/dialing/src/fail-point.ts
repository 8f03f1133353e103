/** The moments between the steps of a call at which a process may die. */
export const failPoints = [
  'claimed',
  'before_permit',
  'permitted',
  'room_created',
  'marked',
  'start_taken',
  'dial_sent',
  'dial_answered',
  'answer_recorded',
] as const
export type FailPoint = (typeof failPoints)[number]

/**
 * Kills this process, as `kill -9` would, the n-th time that it passes a point: `marked` or `marked@3`. For tests of
 * what a crash leaves behind; undefined where nothing is asked for, as in production.
 * @throws RangeError naming the points there are
 */
export function createFailPoint(failAt: string | undefined): ((point: FailPoint) => void) | undefined {
  if (!failAt) return undefined
  const [name, count = '1'] = failAt.split('@')
  const target = failPoints.find((point) => point === name)
  if (!target || !/^[1-9]\d{0,5}$/.test(count)) {
    throw new RangeError(`FAIL_AT is "${failAt}": use one of ${failPoints.join(', ')}, with @n for the n-th time`)
  }
  let left = Number(count)
  return (point) => {
    if (point !== target) return
    left -= 1
    if (left === 0) process.kill(process.pid, 'SIGKILL')
  }
}
