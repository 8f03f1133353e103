import fc from 'fast-check'
import { expect, it } from 'vitest'
import { hearRecording, isAbout, type RecordingFacts, type RecordingNews } from './recording.ts'

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2, 12, 0, seconds))

const complete: RecordingNews = {
  ...{ source: 'livekit', externalId: 'EG_1', status: 'complete', fileKey: 'a/1.ogg', location: 's3://b/a/1.ogg' },
  ...{ startedAt: at(1), endedAt: at(31), durationMs: 30_000, sizeBytes: 120_000 },
}
const hearAll = (told: RecordingNews[]) =>
  told.reduce<RecordingFacts | null>((known, news) => hearRecording(known, news), null)

it('knows all that was said, and ends where it ended', () => {
  const story: RecordingNews[] = [
    { source: 'livekit', externalId: 'EG_1', status: 'starting', fileKey: 'a/1.ogg', startedAt: at(0) },
    { source: 'livekit', externalId: 'EG_1', status: 'recording', startedAt: at(1) },
    complete,
  ]
  const known = hearAll(story)
  expect(known).toMatchObject({ status: 'complete', startedAt: at(0), endedAt: at(31), sizeBytes: 120_000 })
  expect(hearAll(story.toReversed())).toEqual(known)
})

it('is the same in whatever order and however often it is told', () => {
  const moment = fc.option(fc.integer({ min: 0, max: 50 }).map(at), { nil: undefined })
  const anyNews: fc.Arbitrary<RecordingNews> = fc.record({
    source: fc.constant('livekit' as const),
    externalId: fc.option(fc.constant('EG_1'), { nil: undefined }),
    status: fc.constantFrom('starting' as const, 'recording' as const, 'failed' as const, 'complete' as const),
    fileKey: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    location: fc.option(fc.constantFrom('x', 'y'), { nil: undefined }),
    startedAt: moment,
    endedAt: moment,
    durationMs: fc.option(fc.nat(9), { nil: undefined }),
    sizeBytes: fc.option(fc.nat(9), { nil: undefined }),
    error: fc.option(fc.constantFrom('p', 'q'), { nil: undefined }),
  })
  const twoOrders = fc
    .array(anyNews, { maxLength: 6 })
    .chain((told) =>
      fc.tuple(fc.constant(told), fc.shuffledSubarray([...told, ...told], { minLength: 2 * told.length })),
    )
  fc.assert(
    fc.property(twoOrders, ([told, again]) => {
      expect(hearAll(again)).toEqual(hearAll(told))
    }),
  )
})

it('stays deleted whatever is said afterwards', () => {
  const deleted: RecordingFacts = { ...hearRecording(null, complete), status: 'deleted', location: null }
  expect(hearRecording(deleted, complete)).toEqual(deleted)
})

it('is recognised by its id, or by its file where the id is not known yet', () => {
  const wanted: RecordingFacts = { ...hearRecording(null, complete), externalId: null, status: 'wanted' }
  expect(isAbout(wanted, complete)).toBe(true)
  expect(isAbout(wanted, { ...complete, fileKey: 'a/2.ogg' })).toBe(false)
  expect(isAbout(wanted, { ...complete, fileKey: undefined })).toBe(false)
  expect(isAbout({ ...wanted, externalId: 'EG_2' }, complete)).toBe(false)
  expect(isAbout({ ...wanted, externalId: 'EG_1', fileKey: null }, complete)).toBe(true)
  expect(isAbout(wanted, { ...complete, source: 'twilio' })).toBe(false)
})
