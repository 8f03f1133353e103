/** One thing that was looked at; it is as it should be when there are no problems. */
export type Check = { name: string; problems: string[]; facts?: string }

const mostShown = 12

export function describeCheck({ name, problems, facts }: Check): string {
  const mark = problems.length === 0 ? 'ok  ' : 'FAIL'
  const shown = problems.slice(0, mostShown).map((problem) => `       ${problem}`)
  const more = problems.length > mostShown ? [`       … and ${problems.length - mostShown} more`] : []
  return [`${mark}  ${name}${facts ? `: ${facts}` : ''}`, ...shown, ...more].join('\n')
}
