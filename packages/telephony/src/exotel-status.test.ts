import { expect, it, test } from 'vitest'
import { exotelStatusForm, readExotelStatus } from './exotel-status.ts'

const receivedAt = new Date('2026-03-02T12:00:40.000Z')

const form = {
  CallSid: 'a1b2c3d4e5f6',
  EventType: 'terminal',
  Status: 'completed',
  DateCreated: '2026-03-02 17:29:30',
  DateUpdated: '2026-03-02 17:30:35',
  StartTime: '2026-03-02 17:29:31',
  EndTime: '2026-03-02 17:30:30',
  To: '09876543210',
  CustomField: 'call-42',
}
const read = (changes: Record<string, string | undefined> = {}) => {
  const given = Object.entries({ ...form, ...changes }).filter(([, value]) => value !== undefined)
  return readExotelStatus(exotelStatusForm.parse(Object.fromEntries(given)), receivedAt)
}

it('is read in Indian time, and knows its call by what was given with the request', () => {
  expect(read()).toEqual({
    eventId: 'a1b2c3d4e5f6/terminal/completed',
    event: 'terminal',
    providerCallIds: ['a1b2c3d4e5f6'],
    callName: 'call-42',
    signals: [
      {
        kind: 'provider_ended',
        at: new Date('2026-03-02T12:00:30.000Z'),
        disposition: 'completed',
        reason: 'Exotel: The call was answered and has ended.',
      },
    ],
  })
})

test.each([
  ['busy', 'busy'],
  ['no-answer', 'no_answer'],
  ['failed', 'trunk_error'],
  ['canceled', 'canceled'],
])('%s', (Status, disposition) => {
  expect(read({ Status }).signals).toMatchObject([{ kind: 'provider_ended', disposition }])
})

test.each(['queued', 'ringing', 'something-new'])('%s says nothing', (Status) => {
  expect(read({ Status }).signals).toEqual([])
})

it('tells of the answer', () => {
  expect(read({ EventType: 'answered', Status: 'in-progress', EndTime: undefined })).toMatchObject({
    event: 'answered',
    signals: [{ kind: 'provider_answered', at: new Date('2026-03-02T12:00:35.000Z') }],
  })
})

test.each([
  ['', ''],
  ['1970-01-01 05:30:00', ''],
  ['soon', 'later'],
  ['2026-02-30 99:00:00', undefined],
])('was when it was heard, where the times are %j and %j', (EndTime, DateUpdated) => {
  expect(read({ EndTime, DateUpdated }).signals).toMatchObject([{ at: receivedAt }])
})

test.each([[{ CallSid: '' }], [{ CallSid: 'a b' }], [{ Status: undefined }], [{ Status: '\0' }], [{ EventType: 'ä' }]])(
  'refuses %j',
  (changes) => {
    expect(() => read(changes)).toThrow()
  },
)
