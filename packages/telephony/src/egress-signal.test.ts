import { EgressInfo } from 'livekit-server-sdk'
import { describe, expect, it } from 'vitest'
import { recordingSignal, summariseEgress } from './egress-signal.ts'

const at = new Date('2026-03-02T12:00:41.000Z')
const hear = (info: Record<string, unknown>) =>
  recordingSignal(summariseEgress(EgressInfo.fromJson({ egressId: 'EG_1', roomName: 'call-1', ...info })), at)

describe('what LiveKit tells of a recording', () => {
  it.each([
    [undefined, 'starting'],
    ['EGRESS_ACTIVE', 'recording'],
    ['EGRESS_ENDING', 'recording'],
    ['EGRESS_COMPLETE', 'complete'],
    ['EGRESS_LIMIT_REACHED', 'complete'],
    ['EGRESS_FAILED', 'failed'],
    ['EGRESS_ABORTED', 'failed'],
  ])('%s means %s', (status, meaning) => {
    expect(hear(status ? { status } : {})).toEqual({
      ...{ kind: 'recording', at, source: 'livekit', externalId: 'EG_1', status: meaning },
    })
  })

  it('names the file that was asked for until there is one', () => {
    const roomComposite = { roomName: 'call-1', fileOutputs: [{ filepath: 'a/1.ogg' }] }
    expect(hear({ roomComposite }).fileKey).toBe('a/1.ogg')
    expect(hear({ roomComposite: { roomName: 'call-1', file: { filepath: 'a/2.ogg' } } }).fileKey).toBe('a/2.ogg')
    expect(hear({ roomComposite, fileResults: [{ filename: 'a/1-1.ogg' }] }).fileKey).toBe('a/1-1.ogg')
  })

  it('counts in nanoseconds', () => {
    const times = { startedAt: '1772452806500000000', endedAt: '1772452840000000000' }
    const fileResults = [{ filename: 'a.ogg', location: 's3://b/a.ogg', duration: '33500000000', size: '134000' }]
    expect(hear({ status: 'EGRESS_COMPLETE', ...times, fileResults })).toMatchObject({
      ...{ startedAt: new Date('2026-03-02T12:00:06.500Z'), endedAt: new Date('2026-03-02T12:00:40.000Z') },
      ...{ durationMs: 33_500, sizeBytes: 134_000, location: 's3://b/a.ogg' },
    })
  })

  it('says why there is none, at no great length', () => {
    expect(hear({ status: 'EGRESS_FAILED', error: `No space. ${'x'.repeat(9_000)}` }).error).toHaveLength(2_000)
  })
})
