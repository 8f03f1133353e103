import { parseArgs } from 'node:util'
import { concurrency } from './concurrency.ts'
import type { Measurement } from './measurement.ts'
import { pacing } from './pacing.ts'
import { redial } from './redial.ts'
import { fairness, weights } from './sharing.ts'
import { closing, pause } from './stopping.ts'

const measurements: Measurement[] = [pacing, concurrency, fairness, weights, pause, closing, redial]

export type MeasureOptions = {
  measurements: Measurement[]
  backends: ('postgres' | 'redis')[]
  json: boolean
  /** Count what PostgreSQL's statements take. */
  countStatements: boolean
}

export const usage = [
  'npm run measure -- [names] [--backend postgres|redis|both] [--statements] [--json]',
  '',
  ...measurements.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`),
  `  ${'all'.padEnd(12)} All of them, one after the other; also when none is named.`,
].join('\n')

/** @throws an error that says what to write instead; null when help is wanted */
export function readOptions(args: string[]): MeasureOptions | null {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      backend: { type: 'string', default: 'postgres' },
      json: { type: 'boolean', default: false },
      statements: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return null
  const unknown = positionals.find((name) => name !== 'all' && !measurements.some((each) => each.name === name))
  if (unknown !== undefined) throw new Error(`There is no measurement "${unknown}".\n\n${usage}`)
  const isAll = positionals.length === 0 || positionals.includes('all')
  return {
    measurements: measurements.filter(({ name }) => isAll || positionals.includes(name)),
    backends: readBackends(values.backend),
    json: values.json,
    countStatements: values.statements,
  }
}

function readBackends(backend: string): MeasureOptions['backends'] {
  if (backend === 'both') return ['postgres', 'redis']
  if (backend === 'postgres' || backend === 'redis') return [backend]
  throw new Error(`There is no backend "${backend}": write postgres, redis or both.`)
}
