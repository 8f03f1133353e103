import type { Case, Observations } from './cases/case.ts'
import type { LiveKitRecord } from './record.ts'

type Chapter = { title: string; cases: readonly Case[] }
type Sources = { record: LiveKitRecord; simulator: ReadonlyMap<string, Observations> }

/** The page docs/conformance.md: each case with what the real servers did and what the simulator did. */
export function writeTable(chapters: readonly Chapter[], sources: Sources): string {
  const all = chapters.flatMap(({ cases }) => cases)
  const unequal = all.filter(({ differs }) => differs)
  const { versions } = sources.record
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return [
    ...head(names.join(' and '), { total: all.length, unequal: unequal.length }),
    ...chapters.flatMap((chapter) => section(chapter, sources)),
    '',
  ].join('\n')
}

function head(programs: string, { total, unequal }: { total: number; unequal: number }): string[] {
  return [
    '# Conformance',
    '',
    'What LiveKit does with the requests of a dialer, tried on the real servers and on the simulator by the same cases,',
    `over the wire: ${programs} with sipp as the telephone. ${total - unequal} of ${total} cases are equal,`,
    `${unequal} differ in part, each for a reason. How to run them: [testing-with-livekit.md](testing-with-livekit.md).`,
    '',
    'Each case writes down all it sees (answers with every field, calls as the telephone saw them, webhooks in their',
    'order, attributes over time) with ids and times left out. What the real servers did is kept in',
    '`apps/conformance/recorded/livekit.generated.json`; `npm test` holds the simulator against it, and',
    '`npm run conformance -- --target livekit` holds the servers against it. A difference without a reason fails.',
    '',
    'Written by `npm run conformance -- --write`; the reasons and notes stand beside the cases in',
    '`apps/conformance/src/cases`.',
  ]
}

function section({ title, cases }: Chapter, sources: Sources): string[] {
  const rows = cases.map((each) => row(each, sources))
  return ['', `## ${title}`, '', '| case | real LiveKit | simulator | equal |', '|---|---|---|---|', ...rows]
}

function row({ name, title, tell, differs, note }: Case, { record, simulator }: Sources): string {
  const told = (seen: Observations | undefined) => (seen ? tell(seen) : 'not asked')
  const real = told(record.cases[name])
  const ours = told(simulator.get(name))
  const reasons = [...new Set(Object.values(differs ?? {}))]
  const equal = reasons.length === 0 ? 'yes' : `in part: ${reasons.join('; ')}`
  const remarks = note ? `${equal}. ${note}` : equal
  return `| ${[`**${name}** ${title}`, real, ours === real ? 'the same' : ours, remarks].map(cell).join(' | ')} |`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;')
}
