import { initializeLogger } from '@livekit/agents'
import { beforeAll, describe, expect, test } from 'vitest'
import { createModels } from './create-models.ts'
import { chooseModel, ModelError, readChoice } from './model-settings.ts'

describe('which model a call is had with', () => {
  const installation = { provider: 'deepgram', model: 'nova-3', language: 'en' } as const

  test('is what the installation says', () => {
    expect(chooseModel('stt', {}, installation)).toEqual(installation)
  })

  test('is what the assistant says, over that', () => {
    expect(chooseModel('stt', { language: 'de' }, installation)).toEqual({ ...installation, language: 'de' })
    const own = { provider: 'OpenAI', model: 'gpt-4o-transcribe' }
    expect(chooseModel('stt', own, installation)).toEqual({ provider: 'openai', model: 'gpt-4o-transcribe' })
  })

  test.each(['voice', 'voiceId', 'voice_id'])('has the voice that is called %s', (name) => {
    expect(chooseModel('tts', { [name]: 'ada' }, { provider: 'cartesia' })).toEqual({
      provider: 'cartesia',
      voice: 'ada',
    })
  })

  test('never has an address or a key from an assistant', () => {
    const greedy = { baseURL: 'https://thief.example', baseUrl: 'https://thief.example', apiKey: 'x', model: 'm' }
    expect(chooseModel('llm', greedy, { provider: 'openai' })).toEqual({ provider: 'openai', model: 'm' })
  })

  test.each([
    [{ provider: 'acme' }, /There is no language model of "acme".*inference, openai/],
    [{ provider: 'deepgram' }, /There is no language model of "deepgram"/],
    [{ temperature: 'hot' }, /llm\.temperature of the assistant/],
  ])('%j is refused with what to do', (settings, message) => {
    expect(() => chooseModel('llm', settings, { provider: 'openai' })).toThrow(ModelError)
    expect(() => chooseModel('llm', settings, { provider: 'openai' })).toThrow(message)
  })

  test('is read from variables', () => {
    expect(readChoice('stt', 'deepgram')).toEqual({ provider: 'deepgram' })
    expect(readChoice('stt', 'inference:deepgram/nova-3:en')).toEqual({
      provider: 'inference',
      model: 'deepgram/nova-3:en',
    })
    expect(() => readChoice('tts', 'acme')).toThrow(/voice of "acme"/)
  })
})

describe('the models of a call', () => {
  beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }))

  const scripted = { provider: 'scripted' } as const
  const defaults = { stt: scripted, llm: scripted, tts: scripted }
  const brief = { stt: {}, llm: {}, tts: {}, questions: [] }

  test.each([
    ['stt', 'deepgram', 'DEEPGRAM_API_KEY'],
    ['llm', 'openai', 'OPENAI_API_KEY'],
    ['tts', 'elevenlabs', 'ELEVEN_API_KEY'],
    ['tts', 'cartesia', 'CARTESIA_API_KEY'],
  ])('need for %s of %s the variable %s', async (role, provider, variable) => {
    const made = createModels({ ...brief, [role]: { provider } }, { defaults, keys: {} })
    await expect(made).rejects.toThrow(ModelError)
    await expect(made).rejects.toThrow(`${variable} is not set`)
  })

  test('of LiveKit Inference need LiveKit Cloud', async () => {
    const inference = { provider: 'inference' } as const
    const made = createModels(brief, { defaults: { ...defaults, llm: inference }, keys: { openai: 'k' } })
    await expect(made).rejects.toThrow('LIVEKIT_URL is not at LiveKit Cloud')
  })

  test('can all be made, of every provider', async () => {
    const keys = { inference: 'k', openai: 'k', deepgram: 'k', cartesia: 'k', elevenlabs: 'k' }
    const choices = [
      ['inference', 'inference', 'inference'],
      ['deepgram', 'openai', 'deepgram'],
      ['openai', 'openai', 'openai'],
      ['cartesia', 'openai', 'cartesia'],
      ['elevenlabs', 'openai', 'elevenlabs'],
    ]
    for (const [stt, llm, tts] of choices) {
      const wanted = { ...brief, stt: { provider: stt }, llm: { provider: llm }, tts: { provider: tts } }
      const models = await createModels(wanted, { defaults, keys, apiSecret: 's' })
      expect(models.isScripted).toBe(false)
      expect([models.stt.label, models.llm.label(), models.tts.label].every(Boolean)).toBe(true)
    }
    expect((await createModels(brief, { defaults, keys: {} })).isScripted).toBe(true)
  })
})
