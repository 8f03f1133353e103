import { createDispatchService } from './agents/dispatch-service.ts'
import { createEgressService } from './egress/egress-service.ts'
import { createRoomService } from './rooms/room-service.ts'
import type { Simulation } from './simulation.ts'
import { createDialService } from './sip/dial-service.ts'
import { createDispatchRuleService } from './sip/dispatch-rule-service.ts'
import { createTransferService } from './sip/transfer-service.ts'
import { createTrunkService } from './sip/trunk-service.ts'
import type { ApiMethod } from './twirp.ts'

/** API methods by `livekit.<Service>/<Method>`. */
export type Services = ReadonlyMap<string, ApiMethod>

export function createServices(simulation: Simulation): Services {
  const services = {
    RoomService: createRoomService(simulation),
    SIP: {
      ...createTrunkService(simulation.sip),
      ...createDispatchRuleService(simulation.sip),
      ...createDialService(simulation),
      ...createTransferService(simulation),
    },
    AgentDispatchService: createDispatchService(simulation),
    Egress: createEgressService(simulation),
  }
  return new Map(
    Object.entries(services).flatMap(([service, methods]) =>
      Object.entries(methods).map(([name, run]) => [`livekit.${service}/${name}`, run]),
    ),
  )
}

export function methodNames(services: Services): string[] {
  return [...services.keys()].map((path) => path.slice(path.indexOf('/') + 1))
}
