import { inference, type llm, type stt, type tts } from '@livekit/agents'
import type { Brief } from '../call/brief.ts'
import { ScriptedLlm } from '../scripted/scripted-llm.ts'
import { SoundStt } from '../scripted/sound-stt.ts'
import { SoundTts } from '../scripted/sound-tts.ts'
import { type Choice, chooseModel, ModelError, type Provider, type Role } from './model-settings.ts'

export type Models = {
  stt: stt.STT
  llm: llm.LLM
  tts: tts.TTS
  /** Nobody understands a word: the script goes on by itself, and the ear alone says whose turn it is. */
  isScripted: boolean
}

export type ModelEnvironment = {
  defaults: Record<Role, Choice>
  keys: Partial<Record<Provider, string>>
  /** Goes with the key of LiveKit Inference. */
  apiSecret?: string
  /** A folder of recordings for the scripted voice. */
  recordings?: string
}

/** The variable that has the key of a provider. */
const keyVariables: Partial<Record<Provider, string>> = {
  openai: 'OPENAI_API_KEY',
  deepgram: 'DEEPGRAM_API_KEY',
  cartesia: 'CARTESIA_API_KEY',
  elevenlabs: 'ELEVEN_API_KEY',
}

type Wanted = Choice & { apiKey: string; apiSecret?: string }

/** The models that this call is to be had with. @throws ModelError that names the variable or the setting to mend */
export async function createModels(
  brief: Pick<Brief, Role | 'questions'>,
  environment: ModelEnvironment,
): Promise<Models> {
  const choose = (role: Role) => withKey(role, chooseModel(role, brief[role], environment.defaults[role]), environment)
  const [speech, mind, voice] = [choose('stt'), choose('llm'), choose('tts')]
  return {
    stt: await createStt(speech),
    llm: await createLlm(mind, brief.questions),
    tts: await createTts(voice, environment.recordings),
    isScripted: [speech, mind].some(({ provider }) => provider === 'scripted'),
  }
}

function withKey(role: Role, choice: Choice, { keys, apiSecret }: ModelEnvironment): Wanted {
  const apiKey = keys[choice.provider] ?? ''
  if (apiKey !== '' || choice.provider === 'scripted') return { ...choice, apiKey, apiSecret }
  const variable = keyVariables[choice.provider]
  const missing = variable
    ? `${choice.provider}, and ${variable} is not set for the agent. Set it, choose another`
    : 'LiveKit Inference, and LIVEKIT_URL is not at LiveKit Cloud, which alone has that. Choose another'
  throw new ModelError(
    `The ${role} of this call is ${missing} provider (AGENT_${role.toUpperCase()}, or "${role}" of the assistant), or try ` +
      '--scripted, which needs no account.',
  )
}

async function createStt({ provider, apiKey, apiSecret, model, language }: Wanted): Promise<stt.STT> {
  const options = { apiKey, ...(model && { model }), ...(language && { language }) }
  switch (provider) {
    case 'deepgram':
      return new (await import('@livekit/agents-plugin-deepgram')).STT(options)
    case 'openai':
      return new (await import('@livekit/agents-plugin-openai')).STT(options)
    case 'cartesia':
      return new (await import('@livekit/agents-plugin-cartesia')).STT(options)
    case 'elevenlabs':
      return new (await import('@livekit/agents-plugin-elevenlabs')).STT({
        ...{ apiKey, ...(model && { model }), ...(language && { languageCode: language }) },
      })
    case 'scripted':
      return new SoundStt()
    case 'inference':
      return new inference.STT({ apiKey, apiSecret, model: model ?? 'deepgram/nova-3', ...(language && { language }) })
  }
}

async function createLlm(wanted: Wanted, questions: string[]): Promise<llm.LLM> {
  const { provider, apiKey, apiSecret, model, temperature } = wanted
  if (provider === 'scripted') return new ScriptedLlm(questions)
  const warmth = temperature === undefined ? {} : { temperature }
  if (provider === 'openai') {
    const { LLM } = await import('@livekit/agents-plugin-openai')
    return new LLM({ apiKey, model: model ?? 'gpt-4.1-mini', ...warmth })
  }
  return new inference.LLM({ apiKey, apiSecret, model: model ?? 'openai/gpt-4.1-mini', modelOptions: warmth })
}

async function createTts(wanted: Wanted, recordings: string | undefined): Promise<tts.TTS> {
  const { provider, apiKey, apiSecret, model, voice, language, speed } = wanted
  const options = { apiKey, ...(model && { model }), ...(speed && { speed }) }
  switch (provider) {
    case 'cartesia':
      return new (await import('@livekit/agents-plugin-cartesia')).TTS({
        ...{ ...options, ...(voice && { voice }), ...(language && { language }) },
      })
    case 'elevenlabs':
      return new (await import('@livekit/agents-plugin-elevenlabs')).TTS({
        ...{ apiKey, ...(model && { model }), ...(voice && { voiceId: voice }), ...(language && { language }) },
      })
    case 'openai': {
      const { TTS } = await import('@livekit/agents-plugin-openai')
      type Voice = NonNullable<NonNullable<ConstructorParameters<typeof TTS>[0]>['voice']>
      return new TTS({ ...options, ...(voice && { voice: voice as Voice }) })
    }
    case 'deepgram':
      // Its models are its voices.
      return new (await import('@livekit/agents-plugin-deepgram')).TTS({
        ...{ apiKey, ...((model ?? voice) && { model: model ?? voice }) },
      })
    case 'scripted':
      return new SoundTts(recordings)
    case 'inference':
      return new inference.TTS({
        ...{
          apiKey,
          apiSecret,
          model: model ?? 'cartesia/sonic-3',
          ...(voice && { voice }),
          ...(language && { language }),
        },
      })
  }
}
