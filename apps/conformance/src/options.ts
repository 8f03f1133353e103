import { Command, InvalidArgumentError, Option } from 'commander'

type TargetName = 'simulator' | 'livekit'

export type ConformanceOptions = {
  targets: TargetName[]
  /** Only cases whose name has this in it. */
  only: string
  /** Write the table of the results into docs/conformance.md. */
  write: boolean
  json: boolean
  /** How many times as fast as real time the simulator runs. */
  speed: number
  /** Logs of the real servers and of the telephone are kept there. */
  keep: string | undefined
}

/** Reads the command line. A wrong value ends the process with a message that names the option. */
export function readOptions(argv: string[]): ConformanceOptions {
  const program = new Command('conformance')
    .description('Runs the same cases against the simulator and against real LiveKit servers, and compares them.')
    .addOption(
      new Option('--target <name>', 'whom to ask; without it both, or the simulator alone where programs are missing')
        .choices(['simulator', 'livekit', 'both'])
        .default('both'),
    )
    .option('--only <text>', 'only cases whose name has this in it', '')
    .option('--write', 'write the results into docs/conformance.md')
    .option('--json', 'print the results as JSON on standard output, and nothing else there')
    .option('--speed <n>', 'how many times as fast as real time the simulator runs', parseSpeed, 5)
    .option('--keep <folder>', 'keep the logs of the servers and of the telephone there')
    .addHelpText('after', '\nThe real servers, and how to get them: docs/testing-with-livekit.md')
    .parse(argv)
  const { target, ...others } = program.opts<{
    target: TargetName | 'both'
    only: string
    write?: boolean
    json?: boolean
    speed: number
    keep?: string
  }>()
  const targets: TargetName[] = target === 'both' ? ['simulator', 'livekit'] : [target]
  return { write: false, json: false, keep: undefined, ...others, targets }
}

export function parseSpeed(text: string): number {
  const speed = Number(text)
  if (speed >= 1 && speed <= 100) return speed
  throw new InvalidArgumentError('Use a number from 1 to 100.')
}
