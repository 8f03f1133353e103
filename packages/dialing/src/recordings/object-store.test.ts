import { describe, expect, it } from 'vitest'
import { createObjectStore, StorageError } from './object-store.ts'

const key = { accessKey: 'AK', secretKey: 'SK', region: 'eu-central-1' }
const now = () => new Date('2026-03-02T12:00:00Z')
const wish = { expiresInSeconds: 900, fileName: 'call-1.ogg' }

const addressOf = (bucket: string, endpoint?: string) => {
  const store = createObjectStore({ bucket, ...key, endpoint }, now)
  const { url } = store.linkTo({ bucket, fileKey: "a b/it's.ogg" }, wish)
  return url.split('?')[0]
}

describe('a link', () => {
  it('leads to the bucket, however its storage is addressed', () => {
    expect(addressOf('calls')).toBe('https://calls.s3.eu-central-1.amazonaws.com/a%20b/it%27s.ogg')
    expect(addressOf('calls.example.com')).toBe(
      'https://s3.eu-central-1.amazonaws.com/calls.example.com/a%20b/it%27s.ogg',
    )
    expect(addressOf('calls', 'http://127.0.0.1:9000/')).toBe('http://127.0.0.1:9000/calls/a%20b/it%27s.ogg')
    expect(addressOf('calls', 'https://s3.example.com/base')).toBe('https://s3.example.com/base/calls/a%20b/it%27s.ogg')
  })

  it('is played and not stored by a browser, until it expires', () => {
    const { url, expiresAt } = createObjectStore({ bucket: 'calls', ...key }, now).linkTo(
      { bucket: 'calls', fileKey: '1.ogg' },
      wish,
    )
    const query = new URL(url).searchParams
    expect(query.get('response-content-disposition')).toBe('inline; filename="call-1.ogg"')
    expect(expiresAt).toEqual(new Date('2026-03-02T12:15:00Z'))
  })
})

describe('a storage that is not there', () => {
  it('is named, with what to check and without secrets', async () => {
    const store = createObjectStore({ bucket: 'calls', ...key, endpoint: 'http://127.0.0.1:9' }, now)
    const error = await store.remove({ bucket: 'calls', fileKey: '1.ogg' }).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(StorageError)
    expect(String(error)).toMatch(/127\.0\.0\.1:9 cannot be reached.*LIVEKIT_EGRESS_S3_ENDPOINT/)
    expect(String(error)).not.toMatch(/SK|Signature/)
  })
})
