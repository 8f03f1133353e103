import { port, readConfig } from '@outdial/service/config'
import { roleEnvironment } from '@outdial/service/environment'

const environment = roleEnvironment.extend({
  PORT: port.default(3002),
})

/** The settings of this process. @throws ConfigError naming every wrong variable */
export const readEnvironment = () => readConfig(environment, process.env)
