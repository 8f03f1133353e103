import { Command, InvalidArgumentError, Option } from 'commander'
import type { Backend } from './run/run-seed.ts'

export type ChaosOptions = {
  seeds: number[]
  backends: Backend[]
  /** Real time for the whole run; no seed begins that could not end in it. */
  minutes: number
  json: boolean
  plan: boolean
}

/** Reads the command line. A wrong value ends the process with a message that names the option. */
export function readOptions(argv: string[]): ChaosOptions {
  const program = new Command('chaos')
    .description('Runs whole installations, breaks them by a plan that comes from a seed, and judges what they did.')
    .option('--seeds <list>', 'such as 1..20 or 3,9,12..14', parseSeeds, [1, 2, 3])
    .option('--seed <n>', 'only this one', parseSeeds)
    .addOption(
      new Option('--backend <name>', 'where the queues are').choices(['postgres', 'redis', 'both']).default('both'),
    )
    .option('--minutes <m>', 'real time for all of it', parseMinutes, 60)
    .option('--plan', 'print what would be done, and do nothing')
    .option('--json', 'print the results as JSON on standard output, and nothing else there')
    .parse(argv)
  const {
    seeds,
    seed,
    backend,
    minutes,
    json = false,
    plan = false,
  } = program.opts<{
    seeds: number[]
    seed?: number[]
    backend: Backend | 'both'
    minutes: number
    json?: boolean
    plan?: boolean
  }>()
  return { seeds: seed ?? seeds, backends: backend === 'both' ? ['postgres', 'redis'] : [backend], minutes, json, plan }
}

export function parseSeeds(text: string): number[] {
  const seeds = text.split(',').flatMap((part) => {
    const [, first, last = first] = /^(\d{1,9})(?:\.\.(\d{1,9}))?$/.exec(part.trim()) ?? []
    const [from, to] = [Number(first), Number(last)]
    if (first === undefined || to < from || to - from >= 10_000) {
      throw new InvalidArgumentError('Use whole numbers and ranges such as 1..20 or 3,9,12..14.')
    }
    return Array.from({ length: to - from + 1 }, (_, index) => from + index)
  })
  return [...new Set(seeds)]
}

function parseMinutes(text: string): number {
  const minutes = Number(text)
  if (minutes > 0 && Number.isFinite(minutes)) return minutes
  throw new InvalidArgumentError('Use a number above 0.')
}
