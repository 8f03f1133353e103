import { expect, it } from 'vitest'
import { encode, presign } from './presign.ts'

const key = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
}
const now = new Date('2013-05-24T00:00:00Z')

it('signs as AWS does in its own example', () => {
  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
  const address = new URL('https://examplebucket.s3.amazonaws.com/test.txt')
  const url = new URL(presign(address, { method: 'GET', key, expiresInSeconds: 86_400, now }))
  expect(Object.fromEntries(url.searchParams)).toEqual({
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request',
    'X-Amz-Date': '20130524T000000Z',
    'X-Amz-Expires': '86400',
    'X-Amz-SignedHeaders': 'host',
    'X-Amz-Signature': 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404',
  })
})

it('signs each request for itself', () => {
  const sign = (path: string, method: 'GET' | 'DELETE' = 'GET') =>
    presign(new URL(`https://b.example.com${path}`), { method, key, expiresInSeconds: 60, now })
  const addresses = [sign('/a'), sign('/b'), sign('/a', 'DELETE'), sign('/a?response-content-type=audio%2Fogg')]
  expect(new Set(addresses.map((url) => new URL(url).searchParams.get('X-Amz-Signature'))).size).toBe(4)
  expect(addresses[3]).toContain('response-content-type=audio%2Fogg')
})

it('spells signs as AWS wants them', () => {
  expect(encode("a b/c!'(*)~é")).toBe('a%20b%2Fc%21%27%28%2A%29~%C3%A9')
})
