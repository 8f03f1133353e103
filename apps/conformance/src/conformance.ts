import { writeFile } from 'node:fs/promises'
import type { Case } from './cases/case.ts'
import { judgeLiveKit, judgeSimulator } from './judge-run.ts'
import { type ConformanceOptions, readOptions } from './options.ts'
import { type LiveKitRecord, readRecord, writeRecord } from './record.ts'
import { type Ran, type Result, runCases } from './run-case.ts'
import { findPrograms, MissingProgramsError } from './servers/programs.ts'
import { allCases, chapters } from './suite.ts'
import { writeTable } from './table.ts'
import { openLiveKitTarget } from './targets/livekit-target.ts'
import { openSimulatorTarget } from './targets/simulator-target.ts'
import type { Target, TargetName } from './targets/target.ts'

type Line = {
  target: TargetName
  name: string
  passed: boolean
  failures: string[]
  lastedMs: number
  seen: Ran['seen']
}

/** `npm run conformance`: asks the targets, says what does not hold, exits with 1 if anything does not. */
async function main(): Promise<void> {
  const options = readOptions(process.argv)
  const cases = allCases.filter(({ name }) => name.includes(options.only))
  if (cases.length === 0) throw new Error(`No case has "${options.only}" in its name. See docs/conformance.md for all.`)
  await leaveOutWhatIsMissing(options)
  const record = await readRecord()
  const lines: Line[] = []
  if (options.targets.includes('livekit')) lines.push(...(await askLiveKit(cases, { options, record })))
  if (options.targets.includes('simulator')) lines.push(...(await askSimulator(cases, { options, record })))
  if (options.write) await write({ cases, record, lines, options })
  tell(lines, options)
  if (lines.some(({ passed }) => !passed)) process.exitCode = 1
}

/** Who asks for both may do without the real servers, which then is said; who asks for them alone may not. */
async function leaveOutWhatIsMissing(options: ConformanceOptions): Promise<void> {
  if (!options.targets.includes('livekit')) return
  const { missing } = await findPrograms()
  if (missing.length === 0) return
  const error = new MissingProgramsError(missing)
  if (!options.targets.includes('simulator')) throw error
  console.error(`The real LiveKit servers are left out, the simulator is held against their record. ${error.message}\n`)
  options.targets = ['simulator']
}

type Job = { options: ConformanceOptions; record: LiveKitRecord }

/** With `--write` what the servers do now is the truth from now on, also for the simulator that comes after. */
async function askLiveKit(cases: readonly Case[], { options, record }: Job): Promise<Line[]> {
  const target = await openLiveKitTarget(options.keep ? { directory: options.keep } : {})
  const judge = (ran: Ran) => {
    const { failures } = judgeLiveKit(ran, options.write ? undefined : record.cases[ran.name])
    if (options.write && ran.seen && ran.failures.length === 0) record.cases[ran.name] = ran.seen
    return failures
  }
  if (options.write) record.versions = target.versions
  return ask(cases, { target, judge, options, atOnce: 5 })
}

async function askSimulator(cases: readonly Case[], { options, record }: Job): Promise<Line[]> {
  const byName = new Map(cases.map((each) => [each.name, each]))
  const target = await openSimulatorTarget({ speed: options.speed })
  const judge = (ran: Ran) => {
    const each = byName.get(ran.name)
    return each ? judgeSimulator(each, { ran, reality: record.cases[ran.name] }).failures : []
  }
  return ask(cases, { target, judge, options, atOnce: 10 })
}

type Asking = { target: Target; judge: (ran: Ran) => string[]; options: ConformanceOptions; atOnce: number }

async function ask(cases: readonly Case[], { target, judge, options, atOnce }: Asking): Promise<Line[]> {
  const toLine = ({ name, failures, lastedMs, seen }: Ran): Line => {
    return { target: target.name, name, passed: failures.length === 0, failures, lastedMs, seen }
  }
  const onEnd = (result: Result) => {
    if (!options.json) console.log(describe({ ...toLine(result), again: result.again }))
  }
  try {
    const lines = (await runCases(cases, { target, atOnce, judge, onEnd })).map(toLine)
    const { refused } = target.inbox
    return refused.length > 0 ? [...lines, unverified(target.name, refused)] : lines
  } finally {
    await target.close()
  }
}

/** A webhook that Outdial would not accept is a failure whoever sent it. */
function unverified(target: TargetName, refused: readonly string[]): Line {
  const failures = refused.slice(0, 3).map((each) => `a webhook was refused: ${each.slice(0, 300)}`)
  return { target, name: 'webhooks-verify', passed: false, failures, lastedMs: 0, seen: undefined }
}

function describe({ target, name, passed, failures, lastedMs, again }: Line & { again: boolean }): string {
  const lasted = `${(lastedMs / 1000).toFixed(1)} s${again ? ', once more, by itself' : ''}`
  const head = `${passed ? 'ok    ' : 'FAILED'} ${target.padEnd(9)} ${name} (${lasted})`
  return [head, ...failures.map((failure) => `         ${failure}`)].join('\n')
}

async function write({
  cases,
  record,
  lines,
  options,
}: Job & { cases: readonly Case[]; lines: Line[] }): Promise<void> {
  if (options.targets.includes('livekit')) await writeRecord(record)
  if (!options.targets.includes('simulator') || cases.length < allCases.length) return
  const simulator = new Map(
    lines.flatMap(({ target, name, seen }) => (target === 'simulator' && seen ? [[name, seen]] : [])),
  )
  await writeFile(new URL('../../../docs/conformance.md', import.meta.url), writeTable(chapters, { record, simulator }))
}

function tell(lines: Line[], { json }: ConformanceOptions): void {
  const failed = lines.filter(({ passed }) => !passed).length
  const total = { passed: lines.length - failed, failed }
  if (json) console.log(JSON.stringify({ ...total, cases: lines }, null, 2))
  else console.log(`${total.passed} passed, ${total.failed} failed`)
}

try {
  await main()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
// LiveKit's media library would keep the process alive for ever, and its own way to end it fails at times.
process.stdout.write('', () => process.exit())
