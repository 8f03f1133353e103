import { describe, expect, test } from 'vitest'
import { createLogger } from './log.ts'

/** Logs once and returns the line. */
function logged(fields: object, level = 'info'): string {
  const lines: string[] = []
  createLogger({ name: 'test', level }, { write: (line) => void lines.push(line) }).info(fields, 'hello')
  return lines.join('')
}

describe('createLogger', () => {
  test('writes one JSON object with the name of the process', () => {
    expect(JSON.parse(logged({ callId: 'c1' }))).toMatchObject({ name: 'test', msg: 'hello', callId: 'c1', level: 30 })
  })

  test.each([
    { password: 'hush' },
    { trunk: { authPassword: 'hush' } },
    { request: { headers: { authorization: 'Bearer hush', cookie: 'hush', 'x-api-key': 'hush' } } },
    { config: { LIVEKIT_API_SECRET: 'hush', DATABASE_URL: 'postgres://u:hush@h/d', JWT_SECRET: 'hush' } },
    { token: 'hush', livekit: { apiKey: 'hush', apiSecret: 'hush' } },
  ])('%j loses its secrets', (fields) => {
    expect(logged(fields)).not.toContain('hush')
  })

  test('keeps quiet below its level', () => {
    expect(logged({}, 'warn')).toBe('')
  })
})
