import { LiveKitEgress, type RecordingBucket } from '@outdial/telephony/livekit-egress'
import { createObjectStore, type ObjectStore } from './object-store.ts'

export type RecordingSettings = {
  /** `always`: unless a campaign or call says otherwise; `on-request`: where one asks for it. */
  when: 'always' | 'on-request' | 'never'
  bucket: RecordingBucket
  /** What the names of files begin with: empty, or with a slash at its end. */
  keyPrefix: string
}

/** Makes recordings, and keeps their files. */
export type Recorder = RecordingSettings & { egress: LiveKitEgress; files: ObjectStore }

export function createRecorder(
  settings: RecordingSettings,
  { livekit, clock }: { livekit: { url: string; apiKey: string; apiSecret: string }; clock: { realNow(): Date } },
): Recorder {
  const files = createObjectStore(settings.bucket, () => clock.realNow())
  return { ...settings, files, egress: new LiveKitEgress(livekit) }
}
