import { z } from '@hono/zod-openapi'
import { transcriptLine } from '@outdial/policy/signal'
import { callStatuses, dispositions, outcomes } from '@outdial/policy/states'
import { recordingAnswer } from './recording-answer.ts'

export const callAnswer = z
  .object({
    id: z.uuid(),
    origin: z.enum(['campaign', 'single', 'inbound']),
    direction: z.enum(['outbound', 'inbound']),
    campaignId: z.uuid().nullable(),
    contactId: z.uuid().nullable(),
    assistantId: z.uuid().nullable(),
    trunkId: z.uuid().nullable(),
    phoneNumber: z.string(),
    fromNumber: z.string().nullable(),
    contactName: z.string().nullable(),
    roomName: z.string(),
    attempt: z.int().openapi({ description: 'Counting from 1.' }),
    status: z.enum(callStatuses),
    disposition: z.enum(dispositions).nullable().openapi({ description: 'How the telephone leg ended.' }),
    outcome: z.enum(outcomes).nullable().openapi({ description: 'What the conversation came to.' }),
    createdAt: z.date(),
    startsAt: z.date().nullable().openapi({ description: 'The start its trunk granted.' }),
    permittedAt: z.date().nullable().openapi({ description: 'When it was dialed.' }),
    ringingAt: z.date().nullable(),
    answeredAt: z.date().nullable(),
    endedAt: z.date().nullable(),
    durationSeconds: z.int().nullable().openapi({ description: 'From the answer to the end.' }),
    callbackAt: z.date().nullable(),
    sipStatusCode: z.int().nullable(),
    endReason: z.string().nullable(),
  })
  .openapi('Call')

export const shownLine = transcriptLine
  .extend({
    at: z.date(),
    isInterim: z
      .literal(true)
      .optional()
      .openapi({ description: 'It may still change, or the call ended before it was final.' }),
  })
  .openapi('TranscriptLine')

export const callInFullAnswer = callAnswer
  .extend({
    metadata: z.record(z.string(), z.unknown()),
    summary: z.string().nullable(),
    answers: z.record(z.string(), z.unknown()).nullable().openapi({ description: 'As the agent told them.' }),
    questions: z.array(z.object({ question: z.string(), answer: z.string().nullable() })).openapi({
      description: 'What its assistant and campaign ask now, as it reads for this call, with the answers.',
    }),
    transcript: z.array(shownLine).nullable(),
    recordings: z.array(recordingAnswer),
    sipCallId: z.string().nullable(),
    providerCallId: z.string().nullable(),
    timeline: z
      .array(
        z.object({
          at: z.date(),
          event: z.string(),
          source: z.string().openapi({ description: 'Who told of it: `livekit`, `agent`, `dialer`, `person`…' }),
          details: z.record(z.string(), z.unknown()),
        }),
      )
      .openapi({ description: 'In the order in which it happened.' }),
  })
  .openapi('CallInFull')
