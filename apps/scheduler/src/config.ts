import { port, readConfig } from '@outdial/service/config'
import { eventLogEnvironment, recordingEnvironment, roleEnvironment } from '@outdial/service/environment'

const environment = roleEnvironment.extend({
  ...recordingEnvironment.shape,
  ...eventLogEnvironment.shape,
  PORT: port.default(3002),
})

/** The settings of this process. @throws ConfigError naming every wrong variable */
export const readEnvironment = () => readConfig(environment, process.env)
