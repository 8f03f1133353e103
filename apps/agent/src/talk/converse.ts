import { setTimeout as pause } from 'node:timers/promises'
import { type JobContext, voice } from '@livekit/agents'
import { type RemoteParticipant, RoomEvent } from '@livekit/rtc-node'
import type { Call } from '../call/call.ts'
import type { Models } from '../models/create-models.ts'
import { hasAnswered } from './callee.ts'
import { detectMachine, leaveMessage, looksForMachines } from './machine.ts'
import { Caller, createSession, greet } from './session.ts'
import { watchSilence } from './silence.ts'

/** After so much silence of both sides the person is asked whether they are still there, and then hung up on. */
const silenceMs = 12_000
/** The report goes first, so that Outdial knows the outcome when it hears of the end; but nobody waits for it longer. */
const reportFirstMs = 1_500

type Conversation = { call: Call; models: Models }

/** The whole of a call: waits for the answer, talks, hangs up or is hung up on, and tells what came of it. */
export async function converse(ctx: JobContext, { call, models }: Conversation): Promise<void> {
  const hangUp = once(async () => {
    await Promise.race([call.end(), pause(reportFirstMs)])
    await ctx.deleteRoom()
    ctx.shutdown('hung up')
  })
  const session = createSession(call, models)
  const agent = new Caller(call, hangUp)
  ctx.addShutdownCallback(() => call.end())
  await session.start({ agent, room: ctx.room, record: false })
  const callee = await ctx.waitForParticipant().catch(() => null)
  if (!callee) return ctx.shutdown('nobody came')
  leaveWith(callee, { ctx, call })
  const detector = looksForMachines(call) ? detectMachine(session, callee.identity) : null
  if (!(await hasAnswered(ctx, callee))) return ctx.shutdown('nobody answered')
  hearKeys(session, { ctx, call })
  let isOver = false
  session.on(voice.AgentSessionEventTypes.Close, ({ reason }) => {
    isOver = true
    // Better than to leave somebody with silence.
    if (reason === voice.CloseReason.ERROR) void hangUp()
  })
  try {
    const isMachine = await detector?.found
    await detector?.close()
    if (isMachine) {
      await leaveMessage(session, call)
      return await hangUp()
    }
    await greet(session, call)
    agent.isGreeted = true
    if (models.isScripted) session.generateReply()
    endAfterSilence(session, hangUp)
  } catch (error) {
    // Whoever hangs up takes the words out of the agent's mouth.
    if (!isOver) throw error
  }
}

/** Once the person is gone there is nothing left to do here. */
function leaveWith(callee: RemoteParticipant, { ctx, call }: { ctx: JobContext; call: Call }): void {
  ctx.room.on(RoomEvent.ParticipantDisconnected, ({ identity }) => {
    if (identity === callee.identity) void call.end().then(() => ctx.shutdown('the callee has left'))
  })
}

/** A key of the telephone is something said. */
function hearKeys(session: voice.AgentSession, { ctx, call }: { ctx: JobContext; call: Call }): void {
  ctx.room.on(RoomEvent.DtmfReceived, (_, digit) => {
    const text = `(pressed ${digit})`
    call.say({ speaker: 'callee', text, at: new Date().toISOString() })
    session.generateReply({ userInput: text })
  })
}

function endAfterSilence(session: voice.AgentSession, hangUp: () => Promise<void>): void {
  let isAsked = false
  session.on(voice.AgentSessionEventTypes.UserStateChanged, ({ newState }) => {
    if (newState === 'speaking') isAsked = false
  })
  const onSilence = () => {
    if (isAsked) return void hangUp()
    isAsked = true
    session.generateReply({ instructions: 'The person says nothing. Ask briefly whether they are still there.' })
  }
  watchSilence(session, { silenceMs, onSilence })
}

/** The same promise for everybody who asks. */
function once(act: () => Promise<void>): () => Promise<void> {
  let acting: Promise<void> | undefined
  return () => {
    acting ??= act()
    return acting
  }
}
