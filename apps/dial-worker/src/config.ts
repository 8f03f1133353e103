import { port, readConfig } from '@outdial/service/config'
import { recordingEnvironment, roleEnvironment } from '@outdial/service/environment'
import { z } from 'zod'

const environment = roleEnvironment.extend({
  ...recordingEnvironment.shape,
  PORT: port.default(3003),
  /** How many phones this process may have ringing at once. */
  DIAL_CONCURRENCY: z.coerce.number('set it to a whole number from 1 to 5000').int().min(1).max(5_000).default(1_000),
})

/** The settings of this process. @throws ConfigError naming every wrong variable */
export const readEnvironment = () => readConfig(environment, process.env)
