import { defineAgent, type JobContext, log } from '@livekit/agents'
import { type Brief, readBrief } from './call/brief.ts'
import { beginCall } from './call/call.ts'
import { fetchBrief } from './call/fetch-brief.ts'
import { createReporter } from './call/reporter.ts'
import { type Config, readConfig } from './config.ts'
import { createModels } from './models/create-models.ts'
import { converse } from './talk/converse.ts'

/** What the framework loads in the process of each call. */
export default defineAgent({
  entry: async (ctx) => {
    try {
      await takeCall(ctx, readConfig())
    } catch (error) {
      log().error(`This call cannot be had: ${error instanceof Error ? error.message : String(error)}`)
      throw error
    }
  },
})

async function takeCall(ctx: JobContext, config: Config): Promise<void> {
  const brief = (await findBrief(ctx, config)) ?? nothingKnown
  // Before joining: without an agent Outdial hangs up and says so, instead of connecting somebody with silence.
  const models = await createModels(brief, config.models)
  const reporter = brief.report && createReporter({ address: brief.report, jobId: ctx.job.id, log: log() })
  await ctx.connect()
  await converse(ctx, { call: beginCall(brief, reporter), models })
}

/** From the dispatch, else from the room, else from Outdial. */
async function findBrief({ job }: JobContext, { agentConfig }: Config): Promise<Brief | null> {
  const told = readBrief(job.metadata) ?? readBrief(job.room?.metadata ?? '')
  const { baseUrl, token } = agentConfig
  if (told || !baseUrl || !token) return told
  try {
    return await fetchBrief({ roomName: job.room?.name ?? '', baseUrl, token })
  } catch (error) {
    log().warn(`Outdial was asked what this call is about: ${error instanceof Error ? error.message : String(error)}`)
    return null
  }
}

const nothingKnown: Brief = {
  ...{ callId: '', direction: 'outbound', prompt: '', greeting: '', aiDisclosure: '', questions: [] },
  ...{ voicemail: 'continue', voicemailMessage: '', stt: {}, llm: {}, tts: {}, report: null },
}
