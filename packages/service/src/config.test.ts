import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  ConfigError,
  clockOrigin,
  clockSpeed,
  clockStart,
  databaseUrl,
  host,
  livekitApiKey,
  livekitApiSecret,
  livekitUrl,
  logLevel,
  port,
  publicUrl,
  readConfig,
  redisUrl,
} from './config.ts'

const shape = z.object({
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl,
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: livekitApiKey,
  LIVEKIT_API_SECRET: livekitApiSecret,
  PORT: port.default(3000),
  HOST: host,
  LOG_LEVEL: logLevel,
  CLOCK_SPEED: clockSpeed,
  CLOCK_ORIGIN: clockOrigin,
  CLOCK_START: clockStart,
  PUBLIC_URL: publicUrl.optional(),
})

const enough = {
  DATABASE_URL: 'postgres://outdial:hush@db.example.com:5432/outdial',
  LIVEKIT_URL: 'wss://my-project.livekit.cloud',
  LIVEKIT_API_KEY: 'key',
  LIVEKIT_API_SECRET: 'secret',
}

/** The lines of the error, without its heading. */
function complaints(env: Record<string, string | undefined>): string[] {
  try {
    readConfig(shape, env)
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError)
    return (error as Error).message.split('\n  ').slice(1)
  }
  return []
}

describe('readConfig', () => {
  test('what is required is enough, the rest has defaults', () => {
    expect(readConfig(shape, enough)).toMatchObject({
      ...enough,
      PORT: 3000,
      HOST: '0.0.0.0',
      LOG_LEVEL: 'info',
      CLOCK_SPEED: 1,
      CLOCK_ORIGIN: Math.round(performance.timeOrigin),
    })
  })

  test('what is optional stays away', () => {
    expect(readConfig(shape, enough)).not.toHaveProperty('REDIS_URL')
    expect(readConfig(shape, enough)).not.toHaveProperty('CLOCK_START')
  })

  test('values are read as what they mean', () => {
    const env = {
      ...enough,
      PORT: '8080',
      CLOCK_SPEED: '0.5',
      CLOCK_ORIGIN: '1795000000000',
      CLOCK_START: '0',
      PUBLIC_URL: 'https://d.io/',
    }
    expect(readConfig(shape, env)).toMatchObject({
      PORT: 8080,
      CLOCK_SPEED: 0.5,
      CLOCK_ORIGIN: 1_795_000_000_000,
      CLOCK_START: 0,
      PUBLIC_URL: 'https://d.io',
    })
  })

  test('set to nothing is not set', () => {
    expect(readConfig(shape, { ...enough, REDIS_URL: '', PORT: ' ' })).toMatchObject({ PORT: 3000 })
    expect(complaints({ ...enough, DATABASE_URL: '' })).toEqual([
      expect.stringMatching(/^DATABASE_URL is not set: set/),
    ])
  })

  test('everything that is wrong is told at once, one line each, with what to do', () => {
    const lines = complaints({ LIVEKIT_URL: 'my-project', PORT: '70000', LOG_LEVEL: 'loud', CLOCK_SPEED: '0' })
    expect(lines).toEqual([
      'DATABASE_URL is not set: set it to a PostgreSQL address such as postgres://user:password@host:5432/outdial',
      'LIVEKIT_URL is not valid: set it to the address of the LiveKit project such as wss://my-project.livekit.cloud',
      'LIVEKIT_API_KEY is not set: set it to the API key of the LiveKit project',
      'LIVEKIT_API_SECRET is not set: set it to the API secret that belongs to LIVEKIT_API_KEY',
      'PORT is not valid: set it to a port number between 0 and 65535',
      'LOG_LEVEL is not valid: set it to fatal, error, warn, info, debug, trace or silent',
      'CLOCK_SPEED is not valid: set it to a number above 0, or remove it',
    ])
  })

  test.each([
    ['DATABASE_URL', 'mysql://hush@h/d'],
    ['DATABASE_URL', 'hush'],
    ['REDIS_URL', 'http://hush'],
    ['PORT', '-1'],
    ['PORT', '3e3'],
    ['CLOCK_ORIGIN', 'yesterday'],
    ['CLOCK_START', '2026-03-08'],
    ['PUBLIC_URL', 'ftp://hush'],
  ])('%s=%s is refused without repeating it', (name, value) => {
    const [line, ...others] = complaints({ ...enough, [name]: value })
    expect(line).toMatch(new RegExp(`^${name} is not valid: set it to `))
    expect(line).not.toContain('hush')
    expect(others).toEqual([])
  })

  test('rules that span variables are told too', () => {
    const either = z
      .object({ JWT_SECRET: z.string().optional(), JWKS_URL: z.string().optional() })
      .refine((env) => env.JWT_SECRET ?? env.JWKS_URL, { error: 'set JWT_SECRET or JWKS_URL' })
    expect(() => readConfig(either, {})).toThrow('set JWT_SECRET or JWKS_URL')
  })
})
