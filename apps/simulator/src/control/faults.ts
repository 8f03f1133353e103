import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { seededRandom } from '../random.ts'

const deliveries = ['webhook', 'report', 'twilio'] as const
const deliveryActions = ['delay', 'drop', 'double', 'reorder'] as const
const requestActions = ['delay', 'timeout', 'reset', '5xx', 'rate_limit', 'no_response'] as const

const common = {
  /** Real ms: how long `delay` holds, and how long `reorder` waits for a successor. */
  delayMs: z.int().min(0).max(600_000).default(1000),
  probability: z.number().min(0).max(1).default(1),
  /** Switches itself off after so many times. */
  count: z.int().min(1).optional(),
}

const deliverySchema = z.strictObject({
  on: z.enum(deliveries),
  action: z.enum(deliveryActions),
  /** Only this event, such as `participant_left` or `completed`. */
  event: z.string().optional(),
  ...common,
})

const requestSchema = z.strictObject({
  on: z.string(),
  action: z.enum(requestActions),
  /** `after`: the request was done, for CreateSIPParticipant up to the INVITE; only its answer fails. */
  when: z.enum(['before', 'after']).default('before'),
  /** Status of `5xx`. */
  status: z.int().min(500).max(599).default(500),
  ...common,
})

/** The shape of a fault depends on what it is for; anything that is no delivery must be an API method. */
export function faultSchemaFor(body: unknown, methods: string[]) {
  const on = typeof body === 'object' && body !== null && 'on' in body ? body.on : undefined
  if (deliveries.some((each) => each === on)) return deliverySchema
  return requestSchema.refine((rule) => methods.includes(rule.on), {
    path: ['on'],
    error: `must be ${deliveries.join(', ')} or an API method such as CreateSIPParticipant`,
  })
}

type DeliveryFault = z.infer<typeof deliverySchema>
export type RequestFault = z.infer<typeof requestSchema>
type FaultRule = DeliveryFault | RequestFault

export type Faults = ReturnType<typeof createFaults>

/** Faults somebody asked for. The first rule that fits and whose dice fall decides. */
export function createFaults(seed: number) {
  let rules: { id: string; rule: FaultRule; hits: number }[] = []
  let dice = seededRandom(seed, 'faults')

  function hit(fits: (rule: FaultRule) => boolean): FaultRule | undefined {
    for (const entry of rules) {
      const isSpent = entry.rule.count !== undefined && entry.hits >= entry.rule.count
      if (isSpent || !fits(entry.rule)) continue
      if (entry.rule.probability < 1 && dice() >= entry.rule.probability) continue
      entry.hits += 1
      return entry.rule
    }
    return undefined
  }

  return {
    add(rule: FaultRule): string {
      const id = randomUUID()
      rules.push({ id, rule, hits: 0 })
      return id
    },
    list: () => rules.map(({ id, rule, hits }) => ({ id, ...rule, hits })),
    clear() {
      rules = []
      dice = seededRandom(seed, 'faults')
    },
    forRequest(method: string): RequestFault | undefined {
      const rule = hit((each) => 'when' in each && each.on === method)
      return rule && 'when' in rule ? rule : undefined
    },
    forDelivery(on: DeliveryFault['on'], event: string): DeliveryFault | undefined {
      const rule = hit((each) => !('when' in each) && each.on === on && (each.event ?? event) === event)
      return rule && !('when' in rule) ? rule : undefined
    },
  }
}
