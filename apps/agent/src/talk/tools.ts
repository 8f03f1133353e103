import { llm, type voice } from '@livekit/agents'
import { z } from 'zod'
import type { Call } from '../call/call.ts'

/** What the model can do besides talking. `hangUp` ends the call once nothing more is to be said. */
export function toolsFor(call: Call, hangUp: () => Promise<void>) {
  const tools = {
    save_answer: llm.tool({
      description: "Save what the person answered to one of the questions, in the question's own words.",
      parameters: z.object({ question: z.string(), answer: z.string() }),
      execute: async ({ question, answer }) => {
        call.saveAnswer(question, answer)
        return 'Saved.'
      },
    }),
    do_not_call: llm.tool({
      description: 'Use this the moment the person asks not to be called again.',
      execute: async () => {
        await call.optOut()
        return 'Noted. Apologise, say that nobody will call again, and end the call.'
      },
    }),
    record_outcome: llm.tool({
      description: 'Record what the conversation came to, before you say goodbye.',
      parameters: z.object({
        outcome: z.enum(['interested', 'not_interested', 'callback', 'wrong_number']),
        summary: z.string().describe('One sentence for a person who was not there.'),
        callbackAt: z
          .string()
          .optional()
          .describe('Only with callback: when, as ISO 8601 with offset, such as 2026-03-02T15:00:00+01:00.'),
      }),
      execute: async (conclusion) => {
        call.conclude(conclusion)
        return 'Recorded.'
      },
    }),
    end_call: llm.tool({
      description: 'Hang up. Say goodbye before.',
      execute: async (_, { ctx }: { ctx: voice.RunContext }) => {
        await ctx.waitForPlayout()
        await hangUp()
        return 'The call has ended.'
      },
    }),
  }
  return call.canTransfer ? { ...tools, transfer_call: transferTool(call) } : tools
}

function transferTool(call: Call) {
  return llm.tool({
    description: 'Put the person through to a human. Say before that you are doing it.',
    execute: async (_, { ctx }: { ctx: voice.RunContext }) => {
      await ctx.waitForPlayout()
      const transfer = await call.transfer()
      return 'transferredTo' in transfer ? 'They are being put through.' : `That did not work: ${transfer.refused}`
    },
  })
}
