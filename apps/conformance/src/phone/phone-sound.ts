import type { Moment } from '@outdial/judge/evidence'
import { openRtpLine, type Sound } from './rtp-line.ts'
import type { Speech } from './speaker.ts'

/** As much of a call as its sound needs. */
export type SoundingCall = { callId: string; mediaPort?: number; answered?: Moment; ended?: Moment }

/** The telephone's mouth and ears. */
export type PhoneSound = {
  soundOf(call: SoundingCall): Sound | undefined
  close(): Promise<void>
}

type Options<C> = {
  port: number
  /** All calls there are, over and over again. */
  calls: () => Promise<C[]>
  /** Nothing for calls without sound: these cost nothing, and are not recorded unless the other side speaks. */
  speech: (call: C) => Speech | undefined
}

const lookEveryMs = 100

/** Speaks to each call from its answer to its end, whether or not the other side makes a sound, and records both. */
export async function openPhoneSound<C extends SoundingCall>(options: Options<C>): Promise<PhoneSound> {
  const line = await openRtpLine(options)
  const speaking = new Set<string>()
  const over = new Set<string>()
  let looking = Promise.resolve()
  const look = async () => {
    for (const call of await options.calls()) {
      const { callId, mediaPort, answered, ended } = call
      if (!mediaPort || !answered || over.has(callId)) continue
      const speech = speaking.has(callId) ? undefined : options.speech(call)
      if (speech) line.speak(mediaPort, speech)
      speaking.add(callId)
      if (!ended) continue
      line.hush(mediaPort)
      over.add(callId)
    }
  }
  const timer = setInterval(() => {
    looking = looking.then(look, look)
  }, lookEveryMs)
  return {
    soundOf: (call) => findSound(line.soundsOf(call.mediaPort ?? 0), call),
    async close() {
      clearInterval(timer)
      await looking.catch(() => {})
      await line.close()
    },
  }
}

/** Other calls may have had the port before, and after. */
function findSound(sounds: Sound[], { answered, ended }: SoundingCall): Sound | undefined {
  if (!answered) return undefined
  const [fromMs, untilMs] = [answered.realMs - 1_000, ended?.realMs ?? Number.POSITIVE_INFINITY]
  return sounds.find(({ startedMs }) => startedMs >= fromMs && startedMs <= untilMs)
}
