import { describe, expect, test } from 'vitest'
import { ConfigError, readConfig } from './config.ts'

const livekit = { LIVEKIT_URL: 'wss://x.livekit.cloud', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' }

describe('the settings of the agent', () => {
  test('need LiveKit, and models of LiveKit Inference follow', () => {
    const config = readConfig(livekit)
    expect(config).toMatchObject({ agentName: 'outdial-agent', isScripted: false, maxCalls: 10 })
    expect(config.models.defaults.llm).toEqual({ provider: 'inference' })
    expect(config.models.keys).toMatchObject({ inference: 'key' })
  })

  test('have no key of LiveKit Inference where LiveKit is one of your own', () => {
    const config = readConfig({ ...livekit, LIVEKIT_URL: 'ws://livekit:7880' })
    expect(config.models.keys.inference).toBeUndefined()
  })

  test('name other models', () => {
    const config = readConfig({ ...livekit, AGENT_STT: 'deepgram:nova-3', AGENT_TTS: 'elevenlabs', AGENT_LLM: '' })
    expect(config.models.defaults).toEqual({
      stt: { provider: 'deepgram', model: 'nova-3' },
      llm: { provider: 'inference' },
      tts: { provider: 'elevenlabs' },
    })
  })

  test('of the script are stronger than those', () => {
    const config = readConfig({ ...livekit, AGENT_STT: 'deepgram', AGENT_SCRIPTED: 'true' })
    expect(config.models.defaults.stt).toEqual({ provider: 'scripted' })
  })

  test.each([
    [{}, 'LIVEKIT_API_SECRET'],
    [{ ...livekit, LIVEKIT_URL: 'somewhere' }, 'LIVEKIT_URL'],
    [{ ...livekit, AGENT_TTS: 'acme' }, 'AGENT_TTS'],
    [{ ...livekit, AGENT_MAX_CALLS: 'many' }, 'AGENT_MAX_CALLS'],
    [{ ...livekit, PUBLIC_URL: 'dialer' }, 'PUBLIC_URL'],
  ])('%j are refused, and the variable is named', (env, variable) => {
    expect(() => readConfig(env)).toThrow(ConfigError)
    expect(() => readConfig(env)).toThrow(variable)
  })
})
