import { judge } from '@outdial/judge/judge'
import { evidence } from '../world/evidence.ts'
import { openWorld, type WorldOptions } from '../world/world.ts'
import type { Measured, Measurement } from './measurement.ts'
import { settle } from './settle.ts'
import { countingSettings, readCosts, startCounting } from './statements.ts'
import { countUsage } from './usage.ts'

/** Few enough for two cores, and more than one where limits have to be shared. */
const roles = { api: 1, scheduler: 2, 'dial-worker': 2, webhooks: 1 }

/**
 * Opens a world in real time, measures there, and lets the judge look at all that happened.
 * @throws when the world cannot be opened or what was to be measured does not happen
 */
export async function measure(
  measurement: Measurement,
  options: { backend: WorldOptions['backend']; countStatements: boolean; note: (step: string) => void },
): Promise<Measured> {
  const { backend, countStatements, note } = options
  const settings = countStatements ? { postgresSettings: countingSettings } : {}
  const usual = { seed: 1, speed: 1, isHurried: true, roles }
  const world = await openWorld({ ...usual, ...measurement.world, ...settings, backend })
  try {
    if (countStatements) await startCounting(world)
    const stopCounting = await countUsage(world)
    const { figures, isFinished } = await measurement.run(world, note)
    const usage = await stopCounting()
    const statements = countStatements ? { statements: await readCosts(world) } : {}
    if (!isFinished) await settle(world)
    const found = await evidence(world)
    const { violations } = judge({
      ...found,
      options: { clockSpeed: 1, expectFinished: isFinished },
    })
    const errors = world.roles.flatMap((role) => role.errors().map((line) => `${role.name}: ${line}`))
    const trouble = [...world.crashes(), ...errors]
    const isKept = figures.every((figure) => figure.isKept !== false) && violations.length === 0
    return {
      ...{ measurement: measurement.name, backend, figures, violations, trouble, isKept },
      ...{ usage, invites: found.ledger.length, ...statements },
    }
  } catch (cause) {
    const said = [...world.crashes(), ...world.roles.flatMap((role) => role.errors().slice(-3))].join('\n')
    throw new Error(`${measurement.name} on ${backend} could not be measured. ${said}`, { cause })
  } finally {
    await world.close()
  }
}
