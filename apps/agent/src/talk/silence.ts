import { voice } from '@livekit/agents'

type Options = { silenceMs: number; onSilence: () => void }

/** Calls back whenever neither side has said anything for so long, until the session closes. */
export function watchSilence(session: voice.AgentSession, { silenceMs, onSilence }: Options): void {
  let timer: NodeJS.Timeout | undefined
  const restart = () => {
    clearTimeout(timer)
    if (session.agentState === 'listening' && session.userState !== 'speaking') timer = setTimeout(onSilence, silenceMs)
  }
  session.on(voice.AgentSessionEventTypes.AgentStateChanged, restart)
  session.on(voice.AgentSessionEventTypes.UserStateChanged, restart)
  session.on(voice.AgentSessionEventTypes.Close, () => clearTimeout(timer))
  restart()
}
