import { port, readConfig } from '@outdial/service/config'
import { providerEnvironment, roleEnvironment } from '@outdial/service/environment'

const environment = roleEnvironment.extend({
  ...providerEnvironment.shape,
  PORT: port.default(3001),
})

/** The settings of this process. @throws ConfigError naming every wrong variable */
export const readEnvironment = () => readConfig(environment, process.env)
