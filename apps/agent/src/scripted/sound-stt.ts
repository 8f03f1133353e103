import { type APIConnectOptions, stt } from '@livekit/agents'
import { createEar, type Sound } from './ear.ts'
import { describeSound } from './script.ts'

/** An ear in the place of speech recognition: it tells when somebody speaks and for how long, and not what they say. */
export class SoundStt extends stt.STT {
  override label = 'scripted'

  constructor() {
    super({ streaming: true, interimResults: false })
  }

  protected override _recognize(): Promise<stt.SpeechEvent> {
    throw new Error('The scripted agent listens while people speak: use stream().')
  }

  override stream(options: { connOptions?: APIConnectOptions } = {}): stt.SpeechStream {
    return new SoundStream(this, sampleRate, options.connOptions)
  }
}

const sampleRate = 16_000

class SoundStream extends stt.SpeechStream {
  override label = 'scripted'

  protected override async run(): Promise<void> {
    const hear = createEar({ sampleRate })
    for await (const frame of this.input) {
      if (typeof frame === 'symbol') continue
      for (const sound of hear(frame.data)) this.#tell(sound)
    }
  }

  #tell(sound: Sound) {
    if (sound.kind === 'begins') return this.queue.put({ type: stt.SpeechEventType.START_OF_SPEECH })
    const text = describeSound(sound.soundMs)
    const heard = { language: '' as stt.SpeechData['language'], text, startTime: 0, endTime: 0, confidence: 1 }
    this.queue.put({ type: stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives: [heard] })
    this.queue.put({ type: stt.SpeechEventType.END_OF_SPEECH, alternatives: [heard] })
  }
}
