import { expect, test } from 'vitest'
import { dialRoomTwiml } from './twiml.ts'

const wish = {
  roomName: 'inbound-42',
  sip: { uri: 'abc123.sip.livekit.cloud' },
  headers: { 'X-Room-Name': 'inbound-42', 'X-Call-Sid': 'CA1' },
  statusCallbackUrl: 'https://dialer.example.com/status?a=1&b="2"',
}

test('dials the room, with the headers in the address and everything escaped', () => {
  expect(dialRoomTwiml(wish)).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><Response><Dial answerOnBridge="true" timeout="30">' +
      '<Sip statusCallback="https://dialer.example.com/status?a=1&#38;b=&#34;2&#34;"' +
      ' statusCallbackEvent="initiated ringing answered completed">' +
      'sip:inbound-42@abc123.sip.livekit.cloud;transport=tcp?X-Room-Name=inbound-42&#38;X-Call-Sid=CA1' +
      '</Sip></Dial></Response>',
  )
})

test('logs in where the inbound trunk asks for it', () => {
  const sip = { ...wish.sip, username: 'tw', password: '<"&>' }
  expect(dialRoomTwiml({ ...wish, sip })).toContain('<Sip username="tw" password="&#60;&#34;&#38;&#62;" status')
})

test.each([
  ['sip:abc123.sip.livekit.cloud', 'abc123.sip.livekit.cloud;transport=tcp'],
  ['sip:10.0.0.5:5060;transport=udp', '10.0.0.5:5060;transport=udp'],
  ['abc123.sip.livekit.cloud;transport=tls', 'abc123.sip.livekit.cloud;transport=tls'],
])('takes %s', (uri, dialed) => {
  expect(dialRoomTwiml({ ...wish, sip: { uri } })).toContain(`@${dialed}?`)
})

test.each(['', 'sips:a.example', 'user@a.example', 'a.example/x', 'a.example;transport=ws', 'a.example?X=1'])(
  'refuses the address %j',
  (uri) => {
    expect(() => dialRoomTwiml({ ...wish, sip: { uri } })).toThrow(/SIP address/)
  },
)

test.each(['', 'a b', 'a@b.example', 'a;x', 'a?X-Y=1', '<Sip>', 'ä', 'x'.repeat(129)])(
  'refuses the room %j',
  (roomName) => {
    expect(() => dialRoomTwiml({ ...wish, roomName })).toThrow(/room/)
  },
)

test('writes spaces of headers as SIP does, and refuses more of them than Twilio passes on', () => {
  expect(dialRoomTwiml({ ...wish, headers: { 'X-Name': 'Ann Lee' } })).toContain('?X-Name=Ann%20Lee')
  expect(() => dialRoomTwiml({ ...wish, headers: { 'X-Name': 'x'.repeat(1_025) } })).toThrow(/1024/)
})
