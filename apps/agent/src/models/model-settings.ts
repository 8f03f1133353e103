import { z } from 'zod'
import type { ModelSettings } from '../call/brief.ts'

export const providers = ['inference', 'openai', 'deepgram', 'cartesia', 'elevenlabs', 'scripted'] as const
export type Provider = (typeof providers)[number]
export type Role = 'stt' | 'llm' | 'tts'

/** One model to use: what a plugin or LiveKit Inference is to be asked for. */
export type Choice = {
  provider: Provider
  model?: string
  voice?: string
  language?: string
  temperature?: number
  speed?: number
}

/** Something is missing or wrong in the settings; the message says what to do. */
export class ModelError extends Error {}

const offers: Record<Role, readonly Provider[]> = {
  stt: ['inference', 'deepgram', 'openai', 'cartesia', 'elevenlabs', 'scripted'],
  llm: ['inference', 'openai', 'scripted'],
  tts: ['inference', 'cartesia', 'elevenlabs', 'openai', 'deepgram', 'scripted'],
}
const roleNames: Record<Role, string> = { stt: 'speech to text', llm: 'language model', tts: 'voice' }

const text = z.string().trim().min(1).optional()

/**
 * Only these of an assistant's settings are used: an address or a key of its own would let a workspace send the
 * operator's keys to wherever it likes.
 */
const settingsSchema = z.object({
  provider: z.string().trim().toLowerCase().optional(),
  model: text,
  voice: text,
  voiceId: text,
  voice_id: text,
  language: text,
  temperature: z.number().min(0).max(2).optional(),
  speed: z.number().min(0.25).max(4).optional(),
})

/**
 * What an assistant says of a model, over what the installation says. A `provider` of its own leaves nothing of the
 * installation's. @throws ModelError
 */
export function chooseModel(role: Role, settings: ModelSettings, fallback: Choice): Choice {
  const read = settingsSchema.safeParse(settings)
  if (!read.success) {
    const [issue] = read.error.issues
    throw new ModelError(`${role}.${issue?.path.join('.')} of the assistant: ${issue?.message}. Correct the assistant.`)
  }
  const { provider: named, voice, voiceId, voice_id, ...rest } = read.data
  const provider = named === undefined ? undefined : toProvider(role, named)
  const own = { ...rest, ...((voice ?? voiceId ?? voice_id) && { voice: voice ?? voiceId ?? voice_id }) }
  const base = provider !== undefined && provider !== fallback.provider ? { provider } : fallback
  return { ...base, ...Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined)) }
}

/** Reads `deepgram` or `deepgram:nova-3`, as variables have it. @throws ModelError */
export function readChoice(role: Role, value: string): Choice {
  const [name = '', ...model] = value.split(':')
  const provider = toProvider(role, name.trim().toLowerCase())
  return model.length > 0 ? { provider, model: model.join(':').trim() } : { provider }
}

function toProvider(role: Role, name: string): Provider {
  const provider = offers[role].find((each) => each === name)
  if (provider) return provider
  throw new ModelError(`There is no ${roleNames[role]} of "${name}" here. There are: ${offers[role].join(', ')}.`)
}
