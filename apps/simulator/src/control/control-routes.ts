import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { z } from 'zod'
import { type BehaviourName, behaviourNames } from '../network/behaviours.ts'
import type { Simulation } from '../simulation.ts'
import { addCallInRoutes } from './call-in-routes.ts'
import { controlPage } from './control-page.ts'
import { type Faults, faultSchemaFor } from './faults.ts'
import { writeLedgerLines } from './ledger-lines.ts'
import { problem } from './problem.ts'
import { readInput } from './read-input.ts'

type Env = { Bindings: HttpBindings }
type Routes = Hono<Env>

const behaviour = z.enum(behaviourNames as [BehaviourName, ...BehaviourName[]])
const durationMs = z.number().min(0).max(86_400_000)

const numberSchema = z
  .strictObject({
    number: z.string().regex(/^\+[1-9]\d{1,14}$/, 'a number in E.164 form, such as +12125550123'),
    behaviour: behaviour.optional(),
    /** One per call to the number, the last one stays. */
    behaviours: z.array(behaviour).min(1).max(100).optional(),
    ringMs: durationMs.optional(),
    talkMs: durationMs.optional(),
  })
  .refine((rule) => rule.behaviour || rule.behaviours, { path: ['behaviour'], error: 'give behaviour or behaviours' })

const trunkSchema = z.strictObject({
  trunkId: z.string().min(1),
  callsPerSecond: z.number().positive().optional(),
  concurrency: z.int().min(0).optional(),
  windowMs: z.number().positive().optional(),
})

const agentSchema = z.strictObject({
  name: z.string(),
  available: z.boolean().default(true),
  joinDelayMs: durationMs.optional(),
})

const webhookSchema = z.strictObject({ urls: z.array(z.url({ protocol: /^https?$/ })).max(10) })

/** The control API below /_network: what the network does, and what it saw. */
export function createControlRoutes(simulation: Simulation, methods: string[]): Routes {
  const routes: Routes = new Hono()
  routes.get('/', (context) => context.html(controlPage()))
  addLedgerRoutes(routes, simulation)
  addFaultRoutes(routes, { faults: simulation.faults, methods })
  addNetworkRoutes(routes, simulation)
  addCallInRoutes(routes, simulation)
  routes.all('*', (context) => problem(404, { detail: `There is no ${context.req.method} ${context.req.path}.` }))
  return routes
}

function addLedgerRoutes(routes: Routes, simulation: Simulation) {
  const { ledger, webhooks } = simulation
  routes.get('/ledger', (context) => {
    const { format = 'json' } = context.req.query()
    if (format === 'ndjson') return writeLedgerLines(ledger.calls())
    if (format === 'json') return context.json({ calls: ledger.calls(), summary: ledger.summary() })
    return problem(400, { detail: 'Unknown format.', errors: [{ field: 'format', message: 'json or ndjson' }] })
  })
  routes.get('/ledger/summary', (context) => context.json({ ...ledger.summary(), webhooks: webhooks.counts() }))
  routes.post('/reset', (context) => {
    simulation.reset()
    return context.json({ reset: true })
  })
}

function addFaultRoutes(routes: Routes, { faults, methods }: { faults: Faults; methods: string[] }) {
  routes.get('/faults', (context) => context.json({ faults: faults.list() }))
  routes.post('/faults', async (context) => {
    const rule = await readInput(context, (body) => faultSchemaFor(body, methods))
    return rule instanceof Response ? rule : context.json({ id: faults.add(rule), ...rule }, 201)
  })
  routes.delete('/faults', (context) => {
    faults.clear()
    return context.json({ faults: [] })
  })
}

function addNetworkRoutes(routes: Routes, { network, limits, workers, webhooks }: Simulation) {
  routes.get('/numbers', (context) => context.json({ numbers: network.numbers() }))
  routes.post('/numbers', async (context) => {
    const rule = await readInput(context, numberSchema)
    if (rule instanceof Response) return rule
    const { number, behaviour: one, behaviours: several, ringMs, talkMs } = rule
    network.setNumber(number, { behaviours: several ?? (one ? [one] : []), ringMs, talkMs })
    return context.json(rule, 201)
  })
  routes.get('/trunks', (context) => context.json({ trunks: limits.all() }))
  routes.post('/trunks', async (context) => {
    const limit = await readInput(context, trunkSchema)
    if (limit instanceof Response) return limit
    const { trunkId, ...values } = limit
    limits.set(trunkId, values)
    return context.json(limit, 201)
  })
  routes.get('/agents', (context) => context.json({ agents: workers.all() }))
  routes.post('/agents', async (context) => {
    const rule = await readInput(context, agentSchema)
    if (rule instanceof Response) return rule
    const { name, ...values } = rule
    workers.set(name, values)
    return context.json(rule, 201)
  })
  routes.get('/webhooks', (context) => context.json({ urls: webhooks.urls(), counts: webhooks.counts() }))
  routes.put('/webhooks', async (context) => {
    const body = await readInput(context, webhookSchema)
    if (body instanceof Response) return body
    webhooks.setUrls(body.urls)
    return context.json(body)
  })
}
