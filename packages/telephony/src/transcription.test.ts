import { describe, expect, it } from 'vitest'
import { transcriptionSignals } from './transcription.ts'

const at = new Date('2026-03-02T12:00:07.000Z')
const hear = (body: Record<string, unknown>, event = 'transcription_received') =>
  transcriptionSignals({ event, eventId: 'EV_1', at, body })
const lineOf = (body: Record<string, unknown>, event?: string) =>
  hear(body, event).flatMap((signal) => (signal.kind === 'said' ? [signal.line] : []))

describe('segments as LiveKit has them', () => {
  const segments = [
    { id: 'SG_1', text: 'Hello?', startTime: '0', endTime: '0', final: true, language: 'en' },
    { id: 'SG_2', text: 'Who is', startTime: String(at.getTime() - 1_500), final: false },
  ]

  it('keep their ids, and are of whoever was listened to', () => {
    const transcription = { transcribedParticipantIdentity: 'callee-1', trackId: 'TR_1', segments }
    expect(hear({ transcription })).toEqual([
      { kind: 'said', at, line: { id: 'SG_1', speaker: 'callee', text: 'Hello?', at, isFinal: true } },
      {
        kind: 'said',
        at,
        line: { id: 'SG_2', speaker: 'callee', text: 'Who is', at: new Date(at.getTime() - 1_500), isFinal: false },
      },
    ])
  })

  it.each([
    [{ transcription: { transcribedParticipantIdentity: 'agent-AJ_1', segments } }],
    [{ transcription: { segments }, participant: { identity: 'ann', kind: 'AGENT' } }],
  ])('are the agent’s where it speaks', (body) => {
    expect(lineOf(body).map(({ speaker }) => speaker)).toEqual(['agent', 'agent'])
  })

  it('are final in a final event', () => {
    expect(lineOf({ transcription: { segments } }, 'transcription_final').map(({ isFinal }) => isFinal)).toEqual([
      true,
      true,
    ])
  })
})

describe('plain lines', () => {
  it('stand for themselves, each time anew', () => {
    const transcription = { speaker: 'assistant', text: ' Good morning. ', timestamp: '2026-03-02T12:00:05Z' }
    expect(lineOf({ transcription })).toEqual([
      { id: 'EV_1/0', speaker: 'agent', text: 'Good morning.', at: new Date('2026-03-02T12:00:05Z'), isFinal: true },
    ])
  })

  it('lose what no database keeps', () => {
    expect(lineOf({ transcription: { speaker: 'agent', text: 'He\0llo \ud83d' } })).toMatchObject([
      { text: 'Hello \ufffd' },
    ])
  })

  it('come several at once', () => {
    const transcripts = [
      { speaker: 'agent', text: 'Hello' },
      { speaker: 'user', text: 'Hi' },
    ]
    expect(lineOf({ transcripts }, 'transcription_final').map(({ id, speaker }) => [id, speaker])).toEqual([
      ['EV_1/0', 'agent'],
      ['EV_1/1', 'callee'],
    ])
  })

  it.each([
    [{}],
    [{ transcription: 'Hello' }],
    [{ transcription: { segments: [{ id: 'SG_1', text: 7 }, null, { text: '  ' }] } }],
    [{ transcripts: Array.from({ length: 501 }, () => ({ text: 'x' })) }],
  ])('that cannot be read are none: %j', (body) => {
    expect(hear(body)).toEqual([])
  })
})
