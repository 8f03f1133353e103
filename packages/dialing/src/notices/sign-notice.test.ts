import { describe, expect, it } from 'vitest'
import { newNoticeSecret, noticeSecret, signatureHeaders } from './sign-notice.ts'

describe('a signature', () => {
  const notice = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    sentAt: new Date(1_614_265_330_999),
    body: '{"test": 2432232314}',
  }
  const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

  it('is that of the vector which Standard Webhooks libraries are tested with', () => {
    expect(signatureHeaders({ ...notice, secrets: [secret] })).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    })
  })

  it('is there once for each secret, the current one first', () => {
    const headers = signatureHeaders({ ...notice, secrets: [newNoticeSecret(), secret] })
    const signatures = headers['webhook-signature']?.split(' ')
    expect(signatures).toHaveLength(2)
    expect(signatures?.[1]).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })
})

describe('a secret', () => {
  it('that we make is one, and never the same', () => {
    const [one, other] = [newNoticeSecret(), newNoticeSecret()]
    expect(noticeSecret.parse(one)).toBe(one)
    expect(other).not.toBe(one)
  })

  it.each([
    'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_',
    'whsec_c2hvcnQ=',
    'whsec_not base64 at all, but long enough to be',
    `whsec_${Buffer.alloc(65).toString('base64')}`,
    `whsec_${Buffer.alloc(32).toString('base64url')}`,
  ])('is refused when it is %s', (text) => {
    expect(noticeSecret.safeParse(text).success).toBe(false)
  })
})
