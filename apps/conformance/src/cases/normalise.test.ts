import { expect, test } from 'vitest'
import { normalise } from './normalise.ts'

test('ids, times and own names become words; what is unset is left out', () => {
  const names = new Map([
    ['room-1', '<room>'],
    ['+15005550001', '<answers>'],
  ])
  const body = {
    sid: 'RM_abc123',
    name: 'room-1',
    creation_time: '1786000000',
    createdAt: '0',
    metadata: '',
    maxParticipants: 0,
    enabled_codecs: [{ mime: 'audio/opus' }],
    media: { encryption: 'SIP_MEDIA_ENCRYPT_DISABLE' },
    attributes: { 'sip.callID': 'SCL_x1', 'sip.callTag': 'as7d6f', 'sip.phoneNumber': '+15005550001' },
    text: 'no PA_12 in room-1',
  }
  expect(normalise(body, names)).toEqual({
    sid: '<RM>',
    name: '<room>',
    creation_time: '<time>',
    attributes: { 'sip.callID': '<SCL>', 'sip.callTag': '<id>', 'sip.phoneNumber': '<answers>' },
    text: 'no <PA> in <room>',
  })
})

test('whatever is said stays as it is otherwise', () => {
  expect(normalise([1, true, 'STANDARD', { kind: 'SIP' }])).toEqual([1, true, 'STANDARD', { kind: 'SIP' }])
})
