import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What a started program needs of our environment; everything else it is given. */
export const inheritedEnvironment = { PATH: process.env.PATH ?? '/usr/bin:/bin' }

/** Where the evidence of failed runs is kept. */
export const chaosDirectory = resolve(
  process.env.OUTDIAL_DATA_DIRECTORY ?? fileURLToPath(new URL('../../../.cache', import.meta.url)),
  'chaos',
)
