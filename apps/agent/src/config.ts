import { z } from 'zod'
import type { ModelEnvironment } from './models/create-models.ts'
import { type Choice, ModelError, type Role, readChoice } from './models/model-settings.ts'

const required = z.string({ error: 'is required' }).trim()
const optional = z.string().trim().optional()

const shape = z.object({
  LIVEKIT_URL: z
    .string()
    .regex(/^(wss?|https?):\/\//, 'must be the address of LiveKit, such as wss://my-project.livekit.cloud'),
  LIVEKIT_API_KEY: required,
  LIVEKIT_API_SECRET: required,
  LIVEKIT_AGENT_NAME: z.string().trim().default('outdial-agent'),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
  LIVEKIT_AGENT_CONFIG_TOKEN: optional,
  AGENT_STT: choice('stt'),
  AGENT_LLM: choice('llm'),
  AGENT_TTS: choice('tts'),
  AGENT_SCRIPTED: z.stringbool().default(false),
  AGENT_RECORDINGS: optional,
  AGENT_MAX_CALLS: z.coerce.number().int().min(1).max(1_000).default(10),
  OPENAI_API_KEY: optional,
  DEEPGRAM_API_KEY: optional,
  CARTESIA_API_KEY: optional,
  ELEVEN_API_KEY: optional,
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(1).max(65_535).default(8081),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
})

export type Config = ReturnType<typeof readConfig>

/** Variables are missing or wrong; the message names each. */
export class ConfigError extends Error {}

const inference: Record<Role, Choice> = {
  stt: { provider: 'inference' },
  llm: { provider: 'inference' },
  tts: { provider: 'inference' },
}
const scripted: Record<Role, Choice> = {
  stt: { provider: 'scripted' },
  llm: { provider: 'scripted' },
  tts: { provider: 'scripted' },
}

/** The settings of the agent, also in the processes that it starts for its calls. @throws ConfigError */
export function readConfig(env: NodeJS.ProcessEnv = process.env) {
  // What is set to nothing counts as not set.
  const read = shape.safeParse(Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim())))
  if (!read.success) {
    const wrong = read.error.issues.map(({ path, message }) => `  ${path.join('.')}: ${message}`).join('\n')
    throw new ConfigError(`Some settings of the agent are missing or wrong:\n${wrong}\nSee docs/configuration.md.`)
  }
  const { data } = read
  const models: ModelEnvironment = {
    defaults: data.AGENT_SCRIPTED
      ? scripted
      : {
          stt: data.AGENT_STT ?? inference.stt,
          llm: data.AGENT_LLM ?? inference.llm,
          tts: data.AGENT_TTS ?? inference.tts,
        },
    keys: {
      ...(isCloud(data.LIVEKIT_URL) && { inference: data.LIVEKIT_API_KEY }),
      openai: data.OPENAI_API_KEY,
      deepgram: data.DEEPGRAM_API_KEY,
      cartesia: data.CARTESIA_API_KEY,
      elevenlabs: data.ELEVEN_API_KEY,
    },
    apiSecret: data.LIVEKIT_API_SECRET,
    ...(data.AGENT_RECORDINGS && { recordings: data.AGENT_RECORDINGS }),
  }
  return {
    livekit: { url: data.LIVEKIT_URL, apiKey: data.LIVEKIT_API_KEY, apiSecret: data.LIVEKIT_API_SECRET },
    agentName: data.LIVEKIT_AGENT_NAME,
    /** Where to ask what a call is about, for dispatches that do not say. */
    agentConfig: { baseUrl: data.PUBLIC_URL, token: data.LIVEKIT_AGENT_CONFIG_TOKEN },
    isScripted: data.AGENT_SCRIPTED,
    models,
    maxCalls: data.AGENT_MAX_CALLS,
    listen: { host: data.HOST, port: data.PORT },
    logLevel: data.LOG_LEVEL,
  }
}

/** What the command line says goes to the processes of the calls in their environment, which they get from here. */
export function putIntoEnvironment(variables: Record<string, string | undefined>): void {
  for (const [name, value] of Object.entries(variables)) if (value !== undefined) process.env[name] = value
}

/** LiveKit Inference is there for projects of LiveKit Cloud. */
function isCloud(url: string): boolean {
  return URL.canParse(url) && /\.livekit\.(cloud|run)$/.test(new URL(url).hostname)
}

function choice(role: Role) {
  return z
    .string()
    .trim()
    .transform((value, context) => {
      try {
        return readChoice(role, value)
      } catch (error) {
        if (!(error instanceof ModelError)) throw error
        context.addIssue({ code: 'custom', message: error.message })
        return z.NEVER
      }
    })
    .optional()
}
