import { randomUUID } from 'node:crypto'
import { createRecorder, type RecordingSettings } from '@outdial/dialing/recordings/recorder'
import type { Tell } from './finding.ts'

type Project = { url: string; apiKey: string; apiSecret: string }

const limitMs = 5_000

/** The storage of recordings lets the key read and delete. It asks for a file that nobody has. */
export async function checkRecordings(
  settings: RecordingSettings | undefined,
  livekit: Project,
  tell: Tell,
): Promise<void> {
  if (!settings) return tell('open', 'No call is recorded: LIVEKIT_EGRESS_ENABLED and LIVEKIT_EGRESS_S3_… are not set.')
  const { files, bucket, keyPrefix } = createRecorder(settings, { livekit, clock: { realNow: () => new Date() } })
  const file = { bucket: bucket.bucket, fileKey: `${keyPrefix}outdial-doctor-${randomUUID()}` }
  const { url } = files.linkTo(file, { expiresInSeconds: 60, fileName: 'nobody.ogg' })
  const answer = await fetch(url, { signal: AbortSignal.timeout(limitMs) })
  const code = /<Code>(\w{1,100})<\/Code>/.exec(await answer.text())?.[1] ?? `HTTP ${answer.status}`
  const where = `the bucket ${bucket.bucket} at ${new URL(url).host}`
  const known = advice[code]
  if (known) return tell(known.level, `${where}: ${known.text}`)
  if (code !== 'NoSuchKey') return tell('wrong', `${where} answers ${code}. Look it up in the storage's documentation.`)
  await files.remove(file)
  tell('good', `the key may read and delete in ${where}; whether LiveKit may write shows the first recording`)
}

const advice: Record<string, { level: 'wrong' | 'doubt'; text: string }> = {
  NoSuchBucket: { level: 'wrong', text: 'there is none. Correct LIVEKIT_EGRESS_S3_BUCKET or …_ENDPOINT.' },
  InvalidAccessKeyId: { level: 'wrong', text: 'the key is unknown. Correct LIVEKIT_EGRESS_S3_ACCESS_KEY.' },
  SignatureDoesNotMatch: { level: 'wrong', text: 'the secret is another. Correct LIVEKIT_EGRESS_S3_SECRET_KEY.' },
  PermanentRedirect: { level: 'wrong', text: 'it is in another region. Correct LIVEKIT_EGRESS_S3_REGION.' },
  AuthorizationHeaderMalformed: { level: 'wrong', text: 'another region. Correct LIVEKIT_EGRESS_S3_REGION.' },
  AuthorizationQueryParametersError: { level: 'wrong', text: 'another region. Correct LIVEKIT_EGRESS_S3_REGION.' },
  // What S3 says of a missing file to a key that may not list.
  AccessDenied: { level: 'doubt', text: 'the key may not read, or may not list: then this cannot be told from here.' },
}
