import { availableParallelism, cpus, loadavg } from 'node:os'
import { measure } from './measure.ts'
import type { Measured } from './measurement.ts'
import { type MeasureOptions, readOptions, usage } from './options.ts'
import { printMeasured } from './print.ts'
import { printCosts } from './statements.ts'

const say = (line: string) => process.stderr.write(`${line}\n`)

try {
  const options = readOptions(process.argv.slice(2))
  if (options) process.exitCode = await runAll(options)
  else process.stdout.write(`${usage}\n`)
} catch (error) {
  say(error instanceof Error ? describe(error) : String(error))
  process.exitCode = 2
}

/** 0 when every promise was kept, else 1. */
async function runAll({ measurements, backends, json, countStatements }: MeasureOptions): Promise<number> {
  const all: Measured[] = []
  for (const backend of backends) {
    for (const measurement of measurements) {
      say(`${measurement.name} (${backend}): ${measurement.description}`)
      const measured = await measure(measurement, { backend, countStatements, note: (step) => say(`  ${step}`) })
      all.push(measured)
      if (!json) process.stdout.write(`\n${printMeasured(measured)}\n\n`)
      if (!json && measured.statements) process.stdout.write(`${printCosts(measured.statements)}\n\n`)
    }
  }
  const machine = { cores: availableParallelism(), processor: cpus()[0]?.model ?? '', load: loadavg() }
  if (json) process.stdout.write(`${JSON.stringify({ machine, measured: all }, null, 2)}\n`)
  return all.every((each) => each.isKept) ? 0 : 1
}

function describe(error: Error): string {
  return error.cause instanceof Error ? `${error.message}\n${describe(error.cause)}` : (error.stack ?? error.message)
}
