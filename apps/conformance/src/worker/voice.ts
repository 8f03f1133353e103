import {
  AudioFrame,
  AudioSource,
  LocalAudioTrack,
  type Room,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node'
import { tone } from '../sound/tone.ts'

export const voiceRate = 16_000
const frameMs = 100

/** What the agent says, in a track that is published when it first speaks: most calls of a campaign never come so far. */
export type Voice = {
  /** Publishes the track now. livekit-sip picks up a caller once somebody's sound is in the room, and not before. */
  open(): void
  /** Returns how many ms were said; ends early when nobody listens any more. */
  say(
    sound: { hz: number; ms: number },
    listener: { isOver(): boolean; hear(samples: Int16Array): void },
  ): Promise<number>
  /** What LiveKit holds for it. */
  belongings(): object[]
  close(): Promise<void>
}

export function createVoice(room: Room): Voice {
  let published: Promise<{ source: AudioSource; belongings: object[] }> | undefined
  let opened: { source: AudioSource; belongings: object[] } | undefined
  const open = () => {
    published ??= publish(room).then((made) => {
      opened = made
      return made
    })
    return published
  }
  return {
    // What went wrong is told to whoever speaks.
    open: () => void open().catch(() => undefined),
    async say({ hz, ms }, listener) {
      if (ms === 0) return 0
      const { source } = await open()
      const samples = (voiceRate * frameMs) / 1_000
      let said = 0
      for (; said < ms && !listener.isOver(); said += frameMs) {
        const data = tone({ hz, rate: voiceRate, samples, fromSample: (said * voiceRate) / 1_000 })
        listener.hear(data)
        await source.captureFrame(new AudioFrame(data, voiceRate, 1, samples))
      }
      if (said > 0 && !listener.isOver()) await source.waitForPlayout()
      return said
    },
    belongings: () => opened?.belongings ?? [],
    close: async () => opened?.source.close(),
  }
}

async function publish(room: Room): Promise<{ source: AudioSource; belongings: object[] }> {
  const source = new AudioSource(voiceRate, 1)
  const track = LocalAudioTrack.createAudioTrack('agent', source)
  const options = new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE })
  const publication = await room.localParticipant?.publishTrack(track, options)
  return { source, belongings: [track, ...(publication ? [publication] : [])] }
}
