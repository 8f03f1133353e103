import { createHash, createHmac } from 'node:crypto'

export type SigningKey = { accessKey: string; secretKey: string; region: string }

/**
 * An address of an object that is good for one kind of request until it expires, without any header: AWS Signature
 * Version 4 in the query, as S3 and whatever speaks like it check it. `now` is real time. Seconds: at most 7 days.
 */
export function presign(
  address: URL,
  {
    method,
    key,
    expiresInSeconds,
    now,
  }: { method: 'GET' | 'DELETE'; key: SigningKey; expiresInSeconds: number; now: Date },
): string {
  const moment = now.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const scope = `${moment.slice(0, 8)}/${key.region}/s3/aws4_request`
  const query = [
    ...address.searchParams,
    ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'] as const,
    ['X-Amz-Credential', `${key.accessKey}/${scope}`] as const,
    ['X-Amz-Date', moment] as const,
    ['X-Amz-Expires', String(expiresInSeconds)] as const,
    ['X-Amz-SignedHeaders', 'host'] as const,
  ]
  const canonicalQuery = query
    .map(([name, value]) => `${encode(name)}=${encode(value)}`)
    .toSorted()
    .join('&')
  const request = [method, address.pathname, canonicalQuery, `host:${address.host}\n`, 'host', 'UNSIGNED-PAYLOAD']
  const toSign = ['AWS4-HMAC-SHA256', moment, scope, sha256(request.join('\n'))].join('\n')
  const signature = createHmac('sha256', signingKey(key, moment.slice(0, 8)))
    .update(toSign)
    .digest('hex')
  return `${address.origin}${address.pathname}?${canonicalQuery}&X-Amz-Signature=${signature}`
}

/** One part of a path or a query. `encodeURIComponent` leaves out some that AWS does not. */
export function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

function signingKey({ secretKey, region }: SigningKey, day: string): Buffer {
  const hmac = (secret: Buffer | string, text: string) => createHmac('sha256', secret).update(text).digest()
  return [region, 's3', 'aws4_request'].reduce(hmac, hmac(`AWS4${secretKey}`, day))
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
