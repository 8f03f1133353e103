import { expect, it, test } from 'vitest'
import { readTwilioRecording, twilioRecordingForm } from './twilio-recording.ts'

const receivedAt = new Date('2026-03-02T12:01:00.000Z')

const form = {
  AccountSid: 'AC1',
  CallSid: 'CA1',
  RecordingSid: 'RE1',
  RecordingUrl: 'https://api.twilio.com/2010-04-01/Accounts/AC1/Recordings/RE1',
  RecordingStatus: 'completed',
  RecordingDuration: '30',
  RecordingChannels: '2',
  RecordingStartTime: 'Mon, 02 Mar 2026 12:00:06 +0000',
  RecordingSource: 'Trunking',
}
const read = (changes: Record<string, string | undefined> = {}) => {
  const given = Object.entries({ ...form, ...changes }).filter(([, value]) => value !== undefined)
  return readTwilioRecording(twilioRecordingForm.parse(Object.fromEntries(given)), receivedAt)
}

it('tells where the recording is, and when it was made', () => {
  expect(read()).toEqual({
    ...{ eventId: 'RE1/completed', event: 'recording_completed', providerCallIds: ['CA1'] },
    signals: [
      {
        ...{ kind: 'recording', at: receivedAt, source: 'twilio', externalId: 'RE1', status: 'complete' },
        ...{ location: form.RecordingUrl, durationMs: 30_000 },
        startedAt: new Date('2026-03-02T12:00:06.000Z'),
        endedAt: new Date('2026-03-02T12:00:36.000Z'),
      },
    ],
  })
})

it('has begun', () => {
  const [signal] = read({ RecordingStatus: 'in-progress', RecordingDuration: '-1' }).signals
  expect(signal).toEqual({
    ...{ kind: 'recording', at: receivedAt, source: 'twilio', externalId: 'RE1', status: 'recording' },
    startedAt: new Date('2026-03-02T12:00:06.000Z'),
  })
})

test.each([
  ['absent', '16102', /nobody was to be heard/],
  ['absent', '16101', /too short/],
  ['failed', '99', /error 99/],
  ['failed', '', /no reason/],
])('%s with error %j says why', (RecordingStatus, ErrorCode, error) => {
  expect(read({ RecordingStatus, ErrorCode }).signals).toMatchObject([
    { status: 'failed', error: expect.stringMatching(error) },
  ])
})

it('gives no place and no times that cannot be', () => {
  const odd = { RecordingUrl: 'javascript:alert(1)', RecordingDuration: 'x', RecordingStartTime: 'soon' }
  expect(read(odd).signals).toEqual([
    { ...{ kind: 'recording', at: receivedAt, source: 'twilio', externalId: 'RE1', status: 'complete' } },
  ])
})

it('says nothing in words that nobody knows', () => {
  expect(read({ RecordingStatus: 'something-new' }).signals).toEqual([])
})

test.each([[{ CallSid: undefined }], [{ RecordingSid: '' }], [{ RecordingStatus: 'a b' }]])('refuses %j', (changes) => {
  expect(() => read(changes)).toThrow()
})
