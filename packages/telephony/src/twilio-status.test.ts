import { describe, expect, it, test } from 'vitest'
import { readTwilioStatus, twilioStatusForm } from './twilio-status.ts'

const receivedAt = new Date('2026-03-02T12:00:30.500Z')
const at = new Date('2026-03-02T12:00:05.000Z')

/** As the Calls API sends it, with parameters that mean nothing here. */
const form = {
  CallSid: 'CA00000000000000000000000000000001',
  AccountSid: 'AC00000000000000000000000000000001',
  From: '+14155550100',
  To: '+14155550101',
  ToCity: '',
  Direction: 'outbound-api',
  CallStatus: 'ringing',
  CallbackSource: 'call-progress-events',
  SequenceNumber: '1',
  Timestamp: 'Mon, 02 Mar 2026 12:00:05 +0000',
}
const read = (changes: Record<string, string | undefined>) => {
  const given = Object.entries({ ...form, ...changes }).filter(([, value]) => value !== undefined)
  return readTwilioStatus(twilioStatusForm.parse(Object.fromEntries(given)), receivedAt)
}

test.each([
  ['queued', []],
  ['initiated', []],
  ['ringing', [{ kind: 'ringing', at }]],
  ['in-progress', [{ kind: 'provider_answered', at }]],
  ['something-new', []],
])('%s', (CallStatus, signals) => {
  expect(read({ CallStatus }).signals).toEqual(signals)
})

test.each([
  ['completed', '200', 'completed', undefined],
  ['busy', '486', 'busy', 486],
  ['no-answer', '487', 'no_answer', 487],
  ['canceled', '487', 'canceled', 487],
  ['failed', '404', 'invalid_number', 404],
  ['failed', '503', 'trunk_error', 503],
  ['failed', '603', 'rejected', 603],
  ['failed', '', 'trunk_error', undefined],
  ['failed', 'none', 'trunk_error', undefined],
])('%s with %j', (CallStatus, SipResponseCode, disposition, sipStatusCode) => {
  const [end, ...more] = read({ CallStatus, SipResponseCode }).signals
  expect(more).toEqual([])
  expect(end).toMatchObject({ kind: 'provider_ended', at, disposition, reason: expect.stringMatching(/^Twilio: /) })
  expect(end).toHaveProperty('reason', expect.stringMatching(/\.$/))
  expect((end as { sipStatusCode?: number }).sipStatusCode).toBe(sipStatusCode)
})

describe('the key of an event', () => {
  it('is the same in a repetition and differs between the events of a call', () => {
    expect(read({}).eventId).toBe(read({ Timestamp: 'Mon, 02 Mar 2026 12:00:06 +0000' }).eventId)
    const others = [{ SequenceNumber: '2' }, { CallSid: 'CA2' }, { CallbackSource: 'other' }]
    for (const change of others) expect(read(change).eventId).not.toBe(read({}).eventId)
  })

  it('is the status where Twilio does not count', () => {
    const without = { SequenceNumber: undefined, CallbackSource: undefined }
    expect(read(without).eventId).toBe(`${form.CallSid}//ringing`)
    expect(read({ ...without, CallStatus: 'busy' }).eventId).not.toBe(read(without).eventId)
  })
})

it('takes the leg that TwiML dialed for a part of the call that LiveKit knows', () => {
  expect(read({}).providerCallIds).toEqual([form.CallSid])
  expect(read({ ParentCallSid: '' }).providerCallIds).toEqual([form.CallSid])
  expect(read({ ParentCallSid: 'CA2' }).providerCallIds).toEqual([form.CallSid, 'CA2'])
})

it('was when it was heard, where Twilio gives no time that can be', () => {
  for (const Timestamp of [undefined, '', 'yesterday', 'Mon, 02 Mar 1926 12:00:05 +0000']) {
    expect(read({ Timestamp }).signals).toEqual([{ kind: 'ringing', at: receivedAt }])
  }
})

test.each([[{ CallSid: '' }], [{ CallSid: undefined }], [{ CallStatus: '' }], [{ CallSid: 'CA 1' }]])(
  'refuses %j',
  (changes) => {
    expect(() => read(changes)).toThrow()
  },
)
