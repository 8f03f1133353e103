import { voice } from '@livekit/agents'
import type { Call } from '../call/call.ts'

/** Callers are people, and where the campaign says "continue" it makes no difference who has picked up. */
export function looksForMachines({ brief }: Pick<Call, 'brief'>): boolean {
  return brief.direction === 'outbound' && brief.voicemail !== 'continue'
}

/**
 * Listens to the first words after the answer, with the models of the call. Begin before the answer, so that nothing is
 * missed; whoever says nothing for some seconds, or hangs up, is taken for a person.
 */
export function detectMachine(session: voice.AgentSession, participantIdentity: string) {
  const detector = new voice.AMD(session, {
    ...{ participantIdentity, llm: null, stt: null, suppressCompatibilityWarning: true },
    ...{ noSpeechTimeoutMs: 4_000, detectionTimeoutMs: 12_000 },
  })
  const found = detector.execute().then(
    ({ isMachine }) => isMachine,
    () => false,
  )
  return { found, close: () => detector.aclose() }
}

/** What the campaign wants where a machine answers: hang up, or leave a message before. */
export async function leaveMessage(session: voice.AgentSession, call: Call): Promise<void> {
  call.machineAnswered()
  const { voicemail, voicemailMessage, aiDisclosure } = call.brief
  if (voicemail !== 'leave_message') return
  if (voicemailMessage) {
    const words = [aiDisclosure, voicemailMessage].filter(Boolean).join(' ')
    await session.say(words, { allowInterruptions: false }).waitForPlayout()
    return
  }
  const instructions = 'A machine has answered. Leave one short message: who called, why, and how to call back.'
  await session.generateReply({ instructions, allowInterruptions: false, toolChoice: 'none' }).waitForPlayout()
}
