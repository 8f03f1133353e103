import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Project, startProject, trunkId, twilioTrunkId, waitFor } from '../testing.ts'
import { signTwilioForm } from './signature.ts'

let inboxProject: Project
let project: Project
beforeAll(async () => {
  inboxProject = await startProject()
  const { url } = inboxProject.inbox
  const twilio = {
    authToken: '12345',
    statusCallbackUrl: `${url}/status#rc=5`,
    recordingCallbackUrl: `${url}/recording`,
  }
  project = await startProject({ twilio, webhookUrls: [] })
})
afterAll(async () => {
  await project.close()
  await inboxProject.close()
})

const waiting = { waitUntilAnswered: true, participantIdentity: 'callee' }

test('an answered call over a Twilio trunk is told step by step, signed, and its recording after it', async () => {
  await project.roomWithAgent('told')
  await project.sip.createSipParticipant(twilioTrunkId, '+15005550002', 'told', waiting)
  const call = await project.ended('told')
  const steps = await statuses(call.twilioCallSid, 4)
  expect(steps.map(({ CallStatus }) => CallStatus)).toEqual(['initiated', 'ringing', 'in-progress', 'completed'])
  expect(steps.at(-1)).toMatchObject({ SipResponseCode: '200', To: '+15005550002', From: '+12125550101' })
  expect(Number(steps.at(-1)?.CallDuration)).toBeGreaterThan(0)
  const [recording] = await waitFor('the recording', () => {
    const all = received('/recording')
    return all.length > 0 && all
  })
  expect(recording).toMatchObject({
    CallSid: call.twilioCallSid,
    RecordingStatus: 'completed',
    RecordingSource: 'Trunking',
  })
})

test.each([
  ['+15005550007', 'busy', '486'],
  ['+15005550008', 'no-answer', '487'],
  ['+15005550011', 'failed', '404'],
])('%s ends as %s', async (number, status, code) => {
  await project.sip.createSipParticipant(twilioTrunkId, number, `ends-${number}`, waiting).catch(() => {})
  const call = await project.ended(`ends-${number}`)
  const last = await waitFor('the last callback', () =>
    ofCall(call.twilioCallSid).find(({ CallDuration }) => CallDuration),
  )
  expect(last).toMatchObject({ CallStatus: status, SipResponseCode: code })
})

test('other trunks are not Twilio’s', async () => {
  await project.sip.createSipParticipant(trunkId, '+15005550007', 'other', waiting).catch(() => {})
  expect((await project.ended('other')).twilioCallSid).toBeUndefined()
})

async function statuses(callSid: string | undefined, count: number) {
  const all = await waitFor(`${count} callbacks`, () => {
    const found = ofCall(callSid)
    return found.length === count && found
  })
  return all.toSorted((a, b) => Number(a.SequenceNumber) - Number(b.SequenceNumber))
}

function ofCall(callSid: string | undefined) {
  return received('/status').filter(({ CallSid }) => CallSid === callSid)
}

// every callback is checked: its signature covers the URL without the fragment
function received(path: string): Record<string, string>[] {
  const { url, at } = inboxProject.inbox
  return at(path).map(({ body, headers }) => {
    const parameters = Object.fromEntries(new URLSearchParams(body))
    expect(headers['x-twilio-signature']).toBe(signTwilioForm('12345', { url: `${url}${path}`, parameters }))
    return parameters
  })
}
