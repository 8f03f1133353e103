import { createHash, createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { verifyTwilioSignature } from './twilio-signature.ts'

const authToken = '12345'
const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const params = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
}
const signature = 'RSOYDt4T1cUTdK1PDd93/VVr8B8='

describe('Twilio’s published vectors', () => {
  test('a form', () => {
    expect(verifyTwilioSignature({ authToken, url, params, signature })).toBe(true)
    expect(verifyTwilioSignature({ authToken, url, params: new URLSearchParams(params), signature })).toBe(true)
  })

  test('a form, signed with the port', () => {
    const withPort = 'kvajT1Ptam85bY51eRf/AJRuM3w='
    expect(verifyTwilioSignature({ authToken, url, params, signature: withPort })).toBe(true)
    const urlWithPort = url.replace('.com/', '.com:443/')
    expect(verifyTwilioSignature({ authToken, url: urlWithPort, params, signature: withPort })).toBe(true)
    expect(verifyTwilioSignature({ authToken, url: urlWithPort, params, signature })).toBe(true)
  })

  test('a JSON body, by its digest in the URL', () => {
    const digest = '0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620'
    const rawBody = '{"property": "value", "boolean": true}'
    const request = { authToken, url: `${url}&bodySHA256=${digest}`, signature: 'a9nBmqA0ju/hNViExpshrM61xv4=' }
    expect(verifyTwilioSignature({ ...request, rawBody })).toBe(true)
    expect(verifyTwilioSignature({ ...request, rawBody: Buffer.from(rawBody) })).toBe(true)
    expect(verifyTwilioSignature({ ...request, rawBody: `${rawBody} ` })).toBe(false)
  })

  test('a parameter with several values', () => {
    expect(
      verifyTwilioSignature({
        authToken,
        url,
        params: { 'MessagingBinding.Address': ['+1325xxxxxxx', '+1415xxxxxxx'] },
        signature: '83O6e2vORAoJHUNzJjDWN1jz+BA=',
      }),
    ).toBe(true)
  })

  test('a parameter that repeats a value', () => {
    expect(
      verifyTwilioSignature({
        authToken,
        url,
        params: { Sid: 'CA123', SidAccount: 'AC123', Digits: ['5678', '1234', '1234'] },
        signature: 'IK+Dwps556ElfBT0I3Rgjkr1wJU=',
      }),
    ).toBe(true)
  })

  test('the example of the manual', () => {
    expect(
      verifyTwilioSignature({
        authToken,
        url: 'https://example.com/myapp.php?foo=1&bar=2',
        params: { ...params, From: '+14158675310', Caller: '+14158675310' },
        signature: 'L/OH5YylLD5NRKLltdqwSvS0BnU=',
      }),
    ).toBe(true)
  })
})

describe('spellings of the URL', () => {
  test.each([
    ['a GET without parameters', 'https://a.example/cb?x=1', 'https://a.example/cb?x=1'],
    ['http on its usual port', 'http://a.example/cb', 'http://a.example:80/cb'],
    ['a port of its own', 'http://a.example:8080/cb', 'http://a.example:8080/cb'],
    ['a port of its own, dropped by voice', 'https://a.example:8443/cb', 'https://a.example/cb'],
    ['a login, which Twilio drops', 'https://user:pass@a.example/cb', 'https://a.example/cb'],
    ['settings for Twilio behind #', 'https://a.example/cb?x=1#rc=5&rp=all', 'https://a.example/cb?x=1'],
    ['a query encoded anew', "https://a.example/cb?who=O'Neil%2c", "https://a.example/cb?who=O'Neil%2C"],
    ['an address in brackets', 'https://[2001:db8::1]:443/cb', 'https://[2001:db8::1]/cb'],
    ['no path', 'https://a.example', 'https://a.example'],
  ])('%s', (_name, known, signed) => {
    expect(verifyTwilioSignature({ authToken, url: known, params: {}, signature: hmac(signed) })).toBe(true)
  })

  test.each([
    ['a slash more', 'https://a.example/cb', 'https://a.example/cb/'],
    ['another case', 'https://a.example/cb', 'https://a.example/CB'],
    ['another port', 'https://a.example/cb', 'https://a.example:8443/cb'],
    ['another scheme', 'https://a.example/cb', 'http://a.example/cb'],
    ['no URL', 'a.example/cb', 'a.example/cb'],
  ])('but not %s', (_name, known, signed) => {
    expect(verifyTwilioSignature({ authToken, url: known, params: {}, signature: hmac(signed) })).toBe(false)
  })
})

describe('what Twilio did not sign', () => {
  test.each([
    ['another token', { authToken: '12346' }],
    ['no signature', { signature: undefined }],
    ['an empty signature', { signature: '' }],
    ['a longer signature', { signature: `${signature}=` }],
    ['a parameter less', { params: { ...params, Digits: [] } }],
    ['a parameter more, though empty', { params: { ...params, Extra: '' } }],
    ['another value', { params: { ...params, Digits: '1235' } }],
  ])('%s', (_name, change) => {
    expect(verifyTwilioSignature({ authToken, url, params, signature, ...change })).toBe(false)
  })

  test('an empty token proves nothing, though anybody can sign with it', () => {
    const anybodys = createHmac('sha1', '').update(url).digest('base64')
    expect(verifyTwilioSignature({ authToken: '', url, params: {}, signature: anybodys })).toBe(false)
  })

  test('a body whose digest is not in the signed URL', () => {
    expect(verifyTwilioSignature({ authToken, url, rawBody: '{}', signature: hmac(url) })).toBe(false)
    const other = `${url}&bodySHA256=${createHash('sha256').update('[]').digest('hex')}`
    expect(verifyTwilioSignature({ authToken, url: other, rawBody: '{}', signature: hmac(other) })).toBe(false)
  })
})

test('whatever is signed verifies, in any order of its parameters, and nothing else does', () => {
  const anyParams = fc.dictionary(fc.string({ minLength: 1 }), fc.string(), { maxKeys: 6 })
  fc.assert(
    fc.property(anyParams, fc.string({ minLength: 1 }), (some, extra) => {
      const text = Object.keys(some)
        .sort()
        .map((name) => name + some[name])
        .join('')
      const reversed = new URLSearchParams(Object.entries(some).reverse())
      expect(verifyTwilioSignature({ authToken, url, params: reversed, signature: hmac(url + text) })).toBe(true)
      expect(verifyTwilioSignature({ authToken, url, params: reversed, signature: hmac(url + text + extra) })).toBe(
        false,
      )
    }),
  )
})

function hmac(text: string): string {
  return createHmac('sha1', authToken).update(text, 'utf8').digest('base64')
}
