import { z } from '@hono/zod-openapi'
import { recordingSources, recordingStatuses } from '@outdial/policy/recording'

export const recordingAnswer = z
  .object({
    id: z.uuid(),
    callId: z.uuid(),
    source: z.enum(recordingSources).openapi({ description: 'Who recorded.' }),
    externalId: z.string().nullable().openapi({ description: 'The id it has there.' }),
    status: z.enum(recordingStatuses),
    isAvailable: z.boolean().openapi({ description: 'There is a file to listen to: ask for its link.' }),
    fileKey: z.string().nullable().openapi({ description: 'The name of the file in its bucket.' }),
    location: z.string().nullable().openapi({ description: 'Where its maker says it is.' }),
    startedAt: z.date().nullable(),
    endedAt: z.date().nullable(),
    durationSeconds: z.int().nullable(),
    sizeBytes: z.int().nullable(),
    error: z.string().nullable(),
    createdAt: z.date(),
    deleteRequestedAt: z.date().nullable().openapi({ description: 'No link is given any more.' }),
    deletedAt: z.date().nullable().openapi({ description: 'The file is gone.' }),
  })
  .openapi('Recording')
