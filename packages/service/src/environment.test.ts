import { describe, expect, it } from 'vitest'
import { readConfig } from './config.ts'
import { eventLogEnvironment, recordingEnvironment, recordingSettings } from './environment.ts'

const storage = {
  LIVEKIT_EGRESS_S3_BUCKET: 'calls',
  LIVEKIT_EGRESS_S3_ACCESS_KEY: 'AK',
  LIVEKIT_EGRESS_S3_SECRET_KEY: 'SK',
}
const read = (env: Record<string, string>) => recordingSettings(readConfig(recordingEnvironment, env))

describe('where recordings go', () => {
  it('is nowhere unless somebody says so', () => {
    expect(read({})).toBeUndefined()
  })

  it.each([
    ['true', 'always'],
    ['on-request', 'on-request'],
    ['false', 'never'],
  ])('is the bucket, and LIVEKIT_EGRESS_ENABLED=%s says when', (enabled, when) => {
    const settings = read({ ...storage, LIVEKIT_EGRESS_ENABLED: enabled })
    const bucket = { bucket: 'calls', accessKey: 'AK', secretKey: 'SK', region: 'us-east-1', endpoint: undefined }
    expect(settings).toEqual({ when, bucket, keyPrefix: '' })
  })

  it.each([
    ['recordings', 'recordings/'],
    ['/a/b//', 'a/b/'],
    ['/', ''],
  ])('has a folder: %s', (prefix, keyPrefix) => {
    expect(read({ ...storage, LIVEKIT_EGRESS_S3_KEY_PREFIX: prefix })).toMatchObject({ keyPrefix })
  })

  it.each(['LIVEKIT_EGRESS_S3_BUCKET', 'LIVEKIT_EGRESS_S3_ACCESS_KEY', 'LIVEKIT_EGRESS_S3_SECRET_KEY'])(
    'cannot be without %s where there are to be any',
    (name) => {
      const env = { ...storage, LIVEKIT_EGRESS_ENABLED: 'true', [name]: '' }
      expect(() => read(env)).toThrow(name)
    },
  )

  it.each([
    ['LIVEKIT_EGRESS_ENABLED', 'yes'],
    ['LIVEKIT_EGRESS_S3_ENDPOINT', 's3.example.com'],
    ['LIVEKIT_EGRESS_S3_KEY_PREFIX', 'calls/{time}'],
  ])('refuses %s=%s', (name, value) => {
    expect(() => read({ ...storage, [name]: value })).toThrow(`${name} is not valid: set it to`)
  })
})

describe('how long the event log is kept', () => {
  it.each([
    [{}, undefined],
    [{ EVENT_LOG_RETENTION_DAYS: '90' }, 90],
  ])('%j', (env, days) => {
    expect(readConfig(eventLogEnvironment, env).EVENT_LOG_RETENTION_DAYS).toBe(days)
  })

  it.each(['29', '0', '30.5', 'x'])('refuses %s', (days) => {
    expect(() => readConfig(eventLogEnvironment, { EVENT_LOG_RETENTION_DAYS: days })).toThrow(
      'EVENT_LOG_RETENTION_DAYS',
    )
  })
})
