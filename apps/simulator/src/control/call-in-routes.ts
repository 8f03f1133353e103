import type { HttpBindings } from '@hono/node-server'
import { DisconnectReason, ParticipantInfo_Kind } from '@livekit/protocol'
import type { Hono } from 'hono'
import { z } from 'zod'
import { readJoinToken } from '../auth.ts'
import type { Simulation } from '../simulation.ts'
import { callIn, NotLetIn } from '../sip/call-in.ts'
import { TokenRefused } from '../twirp-error.ts'
import { problem } from './problem.ts'
import { readInput } from './read-input.ts'

const outcomes = ['interested', 'not_interested', 'callback', 'do_not_call', 'voicemail', 'wrong_number'] as const
const durationMs = z.number().min(0).max(86_400_000)

const callInSchema = z.strictObject({
  from: z.string().min(1).max(64),
  to: z.string().min(1).max(64),
  /** How long the caller lets it ring, and talks once somebody has answered; simulated time. */
  patienceMs: durationMs.default(30_000),
  talkMs: durationMs.default(30_000),
  endedBy: z.enum(['agent', 'callee']).default('agent'),
  outcome: z.enum(outcomes).optional(),
})

const joinSchema = z.strictObject({ token: z.string() })
const leaveSchema = z.strictObject({ roomName: z.string(), identity: z.string() })

/** What people do: call a number of ours, and join rooms from their browsers with a token. */
export function addCallInRoutes(routes: Hono<{ Bindings: HttpBindings }>, simulation: Simulation): void {
  routes.post('/inbound', async (context) => {
    const input = await readInput(context, callInSchema)
    if (input instanceof Response) return input
    const { from, to, patienceMs, ...conversation } = input
    try {
      const { call } = callIn(simulation, { from, to, patienceMs, conversation })
      return context.json({ roomName: call.roomName, sipCallId: call.sipCallId }, 201)
    } catch (error) {
      if (error instanceof NotLetIn) return problem(404, { detail: error.message })
      throw error
    }
  })
  routes.post('/people', async (context) => {
    const input = await readInput(context, joinSchema)
    if (input instanceof Response) return input
    try {
      const { room: name, identity, name: shown } = readJoinToken(input.token, simulation.keys)
      const { room } = simulation.rooms.findOrCreate({ name })
      const kind = ParticipantInfo_Kind.STANDARD
      simulation.rooms.join(room, { identity, name: shown, kind, onRemoved: () => {} })
      return context.json({ roomName: name, identity }, 201)
    } catch (error) {
      if (error instanceof TokenRefused) return problem(401, { detail: error.message })
      throw error
    }
  })
  routes.delete('/people', async (context) => {
    const input = await readInput(context, leaveSchema)
    if (input instanceof Response) return input
    const participant = simulation.rooms.find(input.roomName)?.participants.get(input.identity)
    if (!participant) return problem(404, { detail: 'Nobody of that identity is in the room.' })
    simulation.rooms.leave(participant, DisconnectReason.CLIENT_INITIATED)
    return context.json(input)
  })
}
