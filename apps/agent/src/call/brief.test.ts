import { describe, expect, test } from 'vitest'
import { readBrief } from './brief.ts'

const complete = {
  call_id: '0190b5a2-7c1e-7000-8000-000000000001',
  direction: 'inbound',
  prompt: 'Ask about the delivery.',
  greeting: 'Hello Ann.',
  ai_disclosure: 'I am an automated assistant.',
  questions: ['Did everything arrive?'],
  voicemail: 'leave_message',
  voicemail_message: 'We will call again.',
  stt: { provider: 'deepgram', model: 'nova-3' },
  llm: {},
  tts: {},
  report: { url: 'https://dialer.example/report', transcript_url: 'https://dialer.example/lines', token: 'secret' },
}

describe('what Outdial tells', () => {
  test('is read', () => {
    expect(readBrief(JSON.stringify(complete))).toEqual({
      callId: complete.call_id,
      direction: 'inbound',
      prompt: 'Ask about the delivery.',
      greeting: 'Hello Ann.',
      aiDisclosure: 'I am an automated assistant.',
      questions: ['Did everything arrive?'],
      voicemail: 'leave_message',
      voicemailMessage: 'We will call again.',
      stt: { provider: 'deepgram', model: 'nova-3' },
      llm: {},
      tts: {},
      report: {
        url: 'https://dialer.example/report',
        transcriptUrl: 'https://dialer.example/lines',
        transferUrl: undefined,
        token: 'secret',
      },
    })
  })

  test.each(['', 'hello', '[]', '7', 'null', '{}', '{"doctor": true}', '{"anything": "else"}'])(
    'is not there: %s',
    (metadata) => expect(readBrief(metadata)).toBeNull(),
  )

  test('may have nothing but a call, and fields that are not what they should be', () => {
    const odd = {
      call_id: 'c',
      questions: 'none',
      voicemail: 'sing',
      stt: 7,
      greeting: null,
      report: { url: 'nowhere' },
    }
    expect(readBrief(JSON.stringify(odd))).toEqual({
      ...{ callId: 'c', direction: 'outbound', prompt: '', greeting: '', aiDisclosure: '', questions: [] },
      ...{ voicemail: 'hangup', voicemailMessage: '', stt: {}, llm: {}, tts: {}, report: null },
    })
  })
})
