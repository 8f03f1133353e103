import type { EncodedFileOutput } from '@livekit/protocol'

/** Where the storage is, below the simulator's address. */
export const storagePath = '/_s3'

export type StoredFile = { durationMs: number; accessKey: string; secret: string }

export type Storage = ReturnType<typeof createStorage>

/** A bucket that recordings are uploaded to: what is known of each file; its sound is made when somebody listens. */
export function createStorage() {
  const files = new Map<string, StoredFile>()
  return {
    /** Takes the file of a recording that names this storage as its endpoint; others are not ours. */
    upload({ output }: EncodedFileOutput, { filename, durationMs }: { filename: string; durationMs: number }) {
      if (output.case !== 's3' || !output.value.endpoint.endsWith(storagePath)) return
      const { bucket, accessKey, secret } = output.value
      files.set(`${bucket}/${filename}`, { durationMs, accessKey, secret })
    },
    find: (path: string): StoredFile | undefined => files.get(path),
    delete: (path: string) => void files.delete(path),
    paths: (): string[] => [...files.keys()],
    clear: () => files.clear(),
  }
}
