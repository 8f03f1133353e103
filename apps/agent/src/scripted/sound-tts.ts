import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type APIConnectOptions, AudioByteStream, tts } from '@livekit/agents'
import { speak } from './voice.ts'
import { readWav, WavError } from './wav.ts'

const sampleRate = 24_000

/**
 * A voice that needs no account: recordings that are named like the sentences they say, and for all others a sound with
 * the rhythm of speech.
 */
export class SoundTts extends tts.TTS {
  override label = 'scripted'
  readonly #recordings: string | undefined

  /** @param recordings a folder of WAV files, such as `hello-this-is-ada.wav` */
  constructor(recordings?: string) {
    super(sampleRate, 1, { streaming: false })
    this.#recordings = recordings
  }

  override synthesize(text: string, connOptions?: APIConnectOptions, signal?: AbortSignal): tts.ChunkedStream {
    return new SoundChunks(this, { text, samples: this.#say(text) }, { connOptions, signal })
  }

  override stream(): tts.SynthesizeStream {
    throw new Error('The scripted agent speaks whole sentences: use synthesize().')
  }

  #say(text: string): Int16Array {
    const file = this.#recordings && join(this.#recordings, `${recordingName(text)}.wav`)
    if (!file) return speak(text, sampleRate)
    try {
      return readWav(readFileSync(file), sampleRate)
    } catch (error) {
      if (error instanceof WavError) throw new Error(`${file} cannot be played: ${error.message}`)
      return speak(text, sampleRate)
    }
  }
}

/** What the recording of a sentence is called: `hello-this-is-ada` for "Hello, this is Ada." */
export function recordingName(text: string): string {
  const words =
    text
      .normalize('NFKD')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  return words.join('-').slice(0, 80)
}

type Speech = { text: string; samples: Int16Array }
type Options = { connOptions?: APIConnectOptions; signal?: AbortSignal }

class SoundChunks extends tts.ChunkedStream {
  override label = 'scripted'
  readonly #speech: Speech

  constructor(voice: SoundTts, speech: Speech, { connOptions, signal }: Options) {
    super(speech.text, voice, connOptions, signal)
    this.#speech = speech
  }

  protected override async run(): Promise<void> {
    const bytes = new AudioByteStream(sampleRate, 1)
    const frames = [...bytes.write(this.#speech.samples), ...bytes.flush()]
    const id = crypto.randomUUID()
    for (const [index, frame] of frames.entries()) {
      this.queue.put({ requestId: id, segmentId: id, frame, final: index === frames.length - 1 })
    }
    this.queue.close()
  }
}
