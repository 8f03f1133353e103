import type { RecordingBucket } from '@outdial/telephony/livekit-egress'
import { encode, presign } from './presign.ts'

/** The storage refused, or did not answer. The message is for operators. */
export class StorageError extends Error {
  override readonly name = 'StorageError'
}

export type StoredFile = { bucket: string; fileKey: string }

/** The files that recorders write: whoever has a link may listen until it expires; nobody else sees them. */
export type ObjectStore = {
  /** `expiresInSeconds`: at most 7 days. Says nothing of whether the file is there. */
  linkTo(file: StoredFile, as: { expiresInSeconds: number; fileName: string }): { url: string; expiresAt: Date }
  /** A file that is not there is fine. @throws StorageError */
  remove(file: StoredFile): Promise<void>
}

/** Speaks S3. `realNow` is real time also where the dialer's clock runs faster: the storage holds expiry against it. */
export function createObjectStore(bucket: RecordingBucket, realNow: () => Date): ObjectStore {
  const sign = (address: URL, wish: { method: 'GET' | 'DELETE'; expiresInSeconds: number }) =>
    presign(address, { ...wish, key: bucket, now: realNow() })
  return {
    linkTo(file, { expiresInSeconds, fileName }) {
      const address = addressOf(bucket, file)
      address.searchParams.set('response-content-disposition', `inline; filename="${fileName}"`)
      address.searchParams.set('response-content-type', 'audio/ogg')
      const expiresAt = new Date(realNow().getTime() + expiresInSeconds * 1_000)
      return { url: sign(address, { method: 'GET', expiresInSeconds }), expiresAt }
    },
    async remove(file) {
      const address = addressOf(bucket, file)
      const url = sign(address, { method: 'DELETE', expiresInSeconds: 60 })
      const answer = await fetch(url, { method: 'DELETE', signal: AbortSignal.timeout(timeoutMs) }).catch((cause) => {
        const message = `The storage at ${address.host} cannot be reached. Check LIVEKIT_EGRESS_S3_ENDPOINT and LIVEKIT_EGRESS_S3_REGION.`
        throw new StorageError(message, { cause })
      })
      if (answer.ok || answer.status === 404) {
        await answer.body?.cancel()
        return
      }
      const code = /<Code>(\w{1,100})<\/Code>/.exec(await answer.text())?.[1] ?? 'no code'
      const next = 'Check that LIVEKIT_EGRESS_S3_ACCESS_KEY may delete objects of the bucket.'
      throw new StorageError(`The storage at ${address.host} refused to delete (${answer.status}, ${code}). ${next}`)
    },
  }
}

/** Real time. */
const timeoutMs = 10_000

/** By path where the storage has an address of its own, and where the certificate would not fit the bucket's name. */
function addressOf({ region, endpoint }: RecordingBucket, { bucket, fileKey }: StoredFile): URL {
  const path = fileKey.split('/').map(encode).join('/')
  if (endpoint) return new URL(`${endpoint.replace(/\/+$/, '')}/${encode(bucket)}/${path}`)
  const host = `s3.${region}.amazonaws.com`
  return new URL(
    bucket.includes('.') ? `https://${host}/${encode(bucket)}/${path}` : `https://${bucket}.${host}/${path}`,
  )
}
