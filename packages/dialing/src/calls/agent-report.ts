import { transcriptLine } from '@outdial/policy/signal'
import { outcomes } from '@outdial/policy/states'
import { z } from 'zod'
import { moment } from '../fields.ts'

const answersCharactersMax = 100_000
const answersDepthMax = 10

/** What an agent tells of its call. */
export const agentReportInput = z.object({
  id: z.string().min(1).max(200).meta({ description: 'Yours; the same when you have to say it again.' }),
  at: moment.meta({ description: 'When it was said or decided.' }),
  outcome: z.enum(outcomes).optional().meta({
    description: 'Say `do_not_call` at once: the number is suppressed before the answer. A machine is `voicemail`.',
  }),
  callbackAt: moment.optional().meta({ description: 'With `callback`: when to call again.' }),
  summary: z.string().max(10_000).optional(),
  answers: z
    .record(z.string().max(200), z.unknown())
    .refine(isKeepable, `must have at most ${answersDepthMax} levels, and ${answersCharactersMax} characters as JSON`)
    .optional()
    .meta({ description: 'By question. Those of several reports are put together.' }),
  transcript: z
    .array(transcriptLine.extend({ at: moment }))
    .max(5_000)
    .optional(),
})

function isKeepable(answers: unknown): boolean {
  return depthOf(answers) <= answersDepthMax && JSON.stringify(answers).length <= answersCharactersMax
}

/** Looks no deeper than it has to. */
function depthOf(value: unknown, limit = answersDepthMax): number {
  if (typeof value !== 'object' || value === null) return 0
  if (limit === 0) return 1
  return 1 + Object.values(value).reduce<number>((deepest, held) => Math.max(deepest, depthOf(held, limit - 1)), 0)
}
