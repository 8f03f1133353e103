import { EvidenceError } from '@outdial/judge/evidence-error'
import { judge } from '@outdial/judge/judge'
import { readEvidence } from '@outdial/judge/read-evidence'
import type { Verdict } from '@outdial/judge/verdict'
import { Command, Option } from 'commander'
import { readDatabaseEnvironment } from '../config.ts'
import { describeVerdict } from '../judge/describe-verdict.ts'
import { numberBetween, urlOf, wholeNumber } from '../options.ts'
import { UsageError } from '../usage-error.ts'

const help = `
What happened, says the ledger of the simulated network; what was decided and why, says the event log. The judge holds
one against the other, rule by rule, with no code of the dialer's. docs/judge.md explains each rule.

Exit code: 0 when nothing is broken, 1 with every violation named, 2 when the evidence cannot be read.

--json prints one JSON object: violations [{ rule, message, evidence }] and facts.`

type Options = {
  ledger: string
  databaseUrl?: string
  log?: string
  clockSpeed: number
  finished?: true
  paceJitterMs: number
  paceToleranceCalls: number
  pauseGraceMs: number
  json?: true
}

const anyMs = wholeNumber({ min: 0, max: 3_600_000 })

export function judgeCommand(): Command {
  return new Command('judge')
    .summary('check a run against every guarantee')
    .description('Checks what the telephone network saw of a run against what the dialer decided and tells.')
    .requiredOption('--ledger <url|file>', 'the address of the simulator, or its ledger in a file (NDJSON or JSON)')
    .option(
      '--database-url <url>',
      'the database of the dialer, as its owner (default: DATABASE_URL)',
      urlOf(/^postgres(ql)?:$/, 'postgres://user:password@127.0.0.1:5432/outdial'),
    )
    .option('--log <file>', 'the event log in a file (NDJSON or JSON) instead of a database')
    .addOption(
      new Option('--clock-speed <x>', 'how fast the time of the run was')
        .env('CLOCK_SPEED')
        .default(1)
        .argParser(numberBetween({ above: 0, max: 1_000_000 })),
    )
    .option('--finished', 'everything should have ended: nothing may be open, every campaign completed or stopped')
    .option('--pace-jitter-ms <ms>', 'by how much the way of calls to the network may differ, in real time', anyMs, 0)
    .option('--pace-tolerance-calls <n>', 'calls too many in a second that are still fine', anyMs, 1)
    .option('--pause-grace-ms <ms>', 'real time in which a call under way may still leave after a pause', anyMs, 1_000)
    .option('--json', 'print violations and facts as JSON')
    .addHelpText('after', help)
    .action(runJudge)
}

async function runJudge(options: Options): Promise<void> {
  const verdict = await reach(options)
  if (options.json) process.stdout.write(`${JSON.stringify(verdict)}\n`)
  else process.stdout.write(`${describeVerdict(verdict).join('\n')}\n`)
  const { length } = verdict.violations
  if (length > 0) throw new Error(length === 1 ? 'One violation.' : `${length} violations.`)
}

async function reach({ ledger, log, databaseUrl, finished, ...options }: Options): Promise<Verdict> {
  try {
    const from = log === undefined ? { ledger, databaseUrl: databaseUrl ?? ownDatabase() } : { ledger, log }
    return judge({ ...(await readEvidence(from)), options: { ...options, expectFinished: finished === true } })
  } catch (error) {
    throw error instanceof EvidenceError ? new UsageError(error.message) : error
  }
}

function ownDatabase(): string {
  return readDatabaseEnvironment().DATABASE_URL
}
