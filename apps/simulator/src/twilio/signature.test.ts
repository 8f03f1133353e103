import { expect, test } from 'vitest'
import { signTwilioForm } from './signature.ts'

const url = 'https://mycompany.com/myapp.php?foo=1&bar=2'
const call = {
  CallSid: 'CA1234567890ABCDE',
  Caller: '+14158675309',
  Digits: '1234',
  From: '+14158675309',
  To: '+18005551212',
}

// published test vectors of Twilio's own libraries, token 12345
test.each([
  ['a form', url, call, 'RSOYDt4T1cUTdK1PDd93/VVr8B8='],
  ['a port', url.replace('.com', '.com:443'), call, 'kvajT1Ptam85bY51eRf/AJRuM3w='],
  [
    'a URL alone',
    `${url}&bodySHA256=0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620`,
    {},
    'a9nBmqA0ju/hNViExpshrM61xv4=',
  ],
  [
    'repeated names',
    url,
    { Sid: 'CA123', SidAccount: 'AC123', Digits: ['5678', '1234', '1234'] },
    'IK+Dwps556ElfBT0I3Rgjkr1wJU=',
  ],
  [
    'the example of the documentation',
    'https://example.com/myapp.php?foo=1&bar=2',
    { ...call, Caller: '+14158675310', From: '+14158675310' },
    'L/OH5YylLD5NRKLltdqwSvS0BnU=',
  ],
])('signs %s', (_name, address, parameters, signature) => {
  expect(signTwilioForm('12345', { url: address, parameters })).toBe(signature)
})
