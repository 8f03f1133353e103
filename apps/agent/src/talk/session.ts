import { voice } from '@livekit/agents'
import type { Call } from '../call/call.ts'
import { instructionsFor } from '../call/instructions.ts'
import type { Models } from '../models/create-models.ts'
import { toolsFor } from './tools.ts'

/** The agent of one call, in the framework's words. It keeps quiet until it has greeted. */
export class Caller extends voice.Agent {
  isGreeted = false

  constructor(call: Call, hangUp: () => Promise<void>) {
    super({ instructions: instructionsFor(call), tools: toolsFor(call, hangUp) })
  }

  /** "Hello?" is what the greeting answers; a model that answers it as well would talk twice. */
  override async onUserTurnCompleted(): Promise<void> {
    if (!this.isGreeted) throw new voice.StopResponse()
  }
}

/** A session with these models that writes down for the call what both sides say. */
export function createSession(call: Call, models: Models): voice.AgentSession {
  const session = new voice.AgentSession({
    ...{ stt: models.stt, llm: models.llm, tts: models.tts, userAwayTimeout: null },
    ...(models.isScripted && scriptedTurns),
  })
  session.on(voice.AgentSessionEventTypes.ConversationItemAdded, ({ item }) => {
    if (item.type !== 'message' || item.role !== 'assistant' || !item.textContent) return
    call.say({ speaker: 'agent', text: item.textContent, at: new Date(item.createdAt).toISOString() })
  })
  session.on(voice.AgentSessionEventTypes.UserInputTranscribed, ({ isFinal, transcript, createdAt }) => {
    if (isFinal && transcript) call.say({ speaker: 'callee', text: transcript, at: new Date(createdAt).toISOString() })
  })
  return session
}

/** The ear is all there is: it says when somebody has finished, and nobody interrupts a script. */
const scriptedTurns: Pick<voice.AgentSessionOptions, 'vad' | 'turnHandling'> = {
  vad: null,
  turnHandling: {
    turnDetection: 'stt',
    endpointing: { minDelay: 100, maxDelay: 500 },
    interruption: { enabled: false },
    preemptiveGeneration: { enabled: false },
  },
}

/** What is said as soon as somebody is there: what the law wants first, then the greeting. Nobody can cut it short. */
export async function greet(session: voice.AgentSession, { brief }: Pick<Call, 'brief'>): Promise<void> {
  const words = [brief.aiDisclosure, brief.greeting].filter(Boolean).join(' ')
  if (words) await session.say(words, { allowInterruptions: false }).waitForPlayout()
  if (brief.greeting) return
  const instructions = 'Greet the person and say who you are and why you call.'
  await session.generateReply({ instructions, allowInterruptions: false }).waitForPlayout()
}
