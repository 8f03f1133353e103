import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fetchBrief } from './fetch-brief.ts'

let server: Server
let asked: { url: string; authorization: string }[]
let answer: { status: number; body: string }

beforeEach(async () => {
  asked = []
  server = createServer(({ url = '', headers }, response) => {
    asked.push({ url, authorization: headers.authorization ?? '' })
    response.writeHead(answer.status).end(answer.body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

const ask = () =>
  fetchBrief({
    roomName: 'inbound-_+14155550123_x',
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    token: 'operators',
  })

test('asks what the call in a room is about', async () => {
  const assistant = {
    ...{ assistantId: 'a', assistantName: 'Ada', agentName: 'ada', instructions: 'Help.', greeting: 'Hello.' },
    ...{ aiDisclosure: 'I am an AI.', questions: ['Why?'], stt: {}, llm: { model: 'm' }, tts: {} },
  }
  const report = { url: 'http://127.0.0.1/r', transcriptUrl: 'http://127.0.0.1/t', transferUrl: null, token: 'calls' }
  const call = { id: 'c', direction: 'inbound', phoneNumber: '+14155550123', recipientName: null, metadata: {}, report }
  const machines = { voicemail: 'leave_message', voicemailMessage: 'Bye.' }
  answer = { status: 200, body: JSON.stringify({ ...assistant, call: { ...call, ...machines } }) }
  expect(await ask()).toEqual({
    ...{ callId: 'c', direction: 'inbound', prompt: 'Help.', greeting: 'Hello.', aiDisclosure: 'I am an AI.' },
    ...{ questions: ['Why?'], voicemail: 'leave_message', voicemailMessage: 'Bye.', stt: {}, llm: { model: 'm' } },
    tts: {},
    report: { url: report.url, transcriptUrl: report.transcriptUrl, transferUrl: undefined, token: 'calls' },
  })
  expect(asked).toEqual([
    {
      url: '/api/livekit/agent-config?roomName=inbound-_%2B14155550123_x',
      authorization: 'Bearer operators',
    },
  ])
})

test('knows nothing of rooms that Outdial does not know', async () => {
  answer = { status: 404, body: '{}' }
  expect(await ask()).toBeNull()
})

test('says what it was answered where that is no configuration', async () => {
  answer = { status: 401, body: 'Send LIVEKIT_AGENT_CONFIG_TOKEN.' }
  await expect(ask()).rejects.toThrow('answered 401: Send LIVEKIT_AGENT_CONFIG_TOKEN.')
})
