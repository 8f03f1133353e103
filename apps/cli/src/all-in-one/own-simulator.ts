import type { ClockSettings } from '@outdial/service/clock'
import type { Logger } from '@outdial/service/log'
import { type Simulator, type SimulatorOptions, startSimulator } from '@outdial/simulator/simulator'
import { openOnFreePort, type PortChoice } from './ports.ts'

export type OwnSimulatorOptions = {
  port: PortChoice
  seed: number
  apiKey: string
  apiSecret: string
  trunks?: SimulatorOptions['trunks']
}

const host = '127.0.0.1'

/** A LiveKit project with a telephone network, on the dialer's clock. @throws when its port is taken and was asked for */
export function startOwnSimulator(
  options: OwnSimulatorOptions & {
    clock: ClockSettings & { realNowMs: () => number }
    webhookUrl: string
    log: Logger
  },
): Promise<Simulator> {
  const { clock, log, webhookUrl, port, ...project } = options
  const open = (freePort: number) =>
    startSimulator({
      ...project,
      ...{ port: freePort, host, webhookUrls: [webhookUrl] },
      ...{ speed: clock.speed, clockOriginMs: clock.originMs, clockStartMs: clock.startMs },
      realNowMs: clock.realNowMs,
      log: (level, message, fields) => log[level]({ ...fields, role: 'simulator' }, message),
    })
  return openOnFreePort(port, { host, open }).catch((cause: unknown) => {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The simulator did not start: ${reason}\nSIMULATOR_PORT says where it listens.`, { cause })
  })
}
