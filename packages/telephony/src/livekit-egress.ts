import type { Signal } from '@outdial/policy/signal'
import { EgressClient, type EgressInfo, EncodedFileOutput, EncodedFileType, S3Upload } from 'livekit-server-sdk'
import { recordingSignal, summariseEgress } from './egress-signal.ts'
import { httpOrigin, type LiveKitConnection } from './livekit.ts'
import { explainLiveKitError } from './livekit-error.ts'

/** A bucket that LiveKit writes recordings into; any storage that speaks S3. */
export type RecordingBucket = {
  bucket: string
  accessKey: string
  secretKey: string
  region: string
  /** Another storage than AWS, such as `https://s3.example.com`; it is then addressed by path. */
  endpoint?: string | undefined
}

type RecordingSignal = Signal & { kind: 'recording' }

/**
 * LiveKit's recorder. Starting is asked once: a repeated request makes a second recording, so whoever got no answer
 * looks with `find` before asking again. Both throw `LiveKitError` with a message for an operator.
 */
export class LiveKitEgress {
  readonly #client: EgressClient
  readonly #host: string

  constructor({ url, apiKey, apiSecret }: LiveKitConnection) {
    const origin = httpOrigin(url)
    this.#host = new URL(origin).host
    this.#client = new EgressClient(origin, apiKey, apiSecret, {
      requestTimeout: requestTimeoutSeconds,
      failover: false,
    })
  }

  /** Records the sound of a room into one file, the agent on one channel and everybody else on the other. */
  async start(wish: {
    roomName: string
    fileKey: string
    bucket: RecordingBucket
    now: Date
  }): Promise<RecordingSignal> {
    const { roomName, fileKey, bucket, now } = wish
    const file = new EncodedFileOutput({
      fileType: EncodedFileType.OGG,
      filepath: fileKey,
      // LiveKit would add a second file that describes the first.
      disableManifest: true,
      output: { case: 's3', value: toUpload(bucket) },
    })
    const started = await this.#ask('starting the recording', () =>
      this.#client.startRoomCompositeEgress(roomName, { file }, { audioOnly: true, audioMixing: dualChannelAgent }),
    )
    return describe(started, now)
  }

  /** The recordings of a room that LiveKit knows of: those under way, and for a while those that are over. */
  async find(wish: { roomName: string; now: Date }): Promise<RecordingSignal[]> {
    const found = await this.#ask('looking for recordings', () => this.#client.listEgress({ roomName: wish.roomName }))
    return found.map((egress) => describe(egress, wish.now))
  }

  async #ask<T>(doing: string, request: () => Promise<T>): Promise<T> {
    try {
      return await request()
    } catch (error) {
      throw explainLiveKitError(error, { doing, host: this.#host, repeatable: false })
    }
  }
}

const requestTimeoutSeconds = 10

/** LiveKit's AudioMixing.DUAL_CHANNEL_AGENT, an enum that the SDK does not hand on. */
const dualChannelAgent = 1

function toUpload({ bucket, accessKey, secretKey, region, endpoint }: RecordingBucket): S3Upload {
  return new S3Upload({
    ...{ bucket, accessKey, secret: secretKey, region },
    ...(endpoint && { endpoint, forcePathStyle: true }),
  })
}

function describe(egress: EgressInfo, now: Date): RecordingSignal {
  return recordingSignal(summariseEgress(egress), now)
}
