import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applySignal, type CallFacts } from './call-lifecycle.ts'
import { addProviderNews } from './provider-news.ts'
import type { ProviderNews, Signal } from './signal.ts'
import { dispositions } from './states.ts'
import { justDialed, storyBegins, storyTimings } from './testing.ts'

const at = (ms: number) => new Date(storyBegins.getTime() + ms)
const tell = (...signals: Signal[]): CallFacts =>
  signals.reduce((known, each) => applySignal(known, each, storyTimings), justDialed)

const settle: Signal = { kind: 'settle', at: at(90_000) }
const ended = (ms: number, disposition: (typeof dispositions)[number], sipStatusCode?: number): Signal => ({
  ...{ kind: 'provider_ended', at: at(ms), disposition, reason: `Twilio: ${disposition}.` },
  ...(sipStatusCode ? { sipStatusCode } : {}),
})
const left = (ms: number, reason: (Signal & { kind: 'leg_left' })['reason']): Signal => ({
  ...{ kind: 'leg_left', at: at(ms), reason, wasAnswered: false },
})

describe('news of a provider', () => {
  it('moves no call, but has LiveKit asked soon', () => {
    for (const news of [ended(4_000, 'busy'), { kind: 'provider_answered', at: at(4_000) } satisfies Signal]) {
      expect(tell(news)).toMatchObject({ status: 'calling', disposition: null, answeredAt: null, checkAt: at(9_000) })
    }
  })

  it('gives way to the answer that LiveKit gave to the dial, whoever spoke first', () => {
    const refused: Signal = {
      ...{ kind: 'dial_failed', at: at(30_000), disposition: 'no_answer', reached: true, burnsAttempt: true },
      ...{ effect: 'none', reason: 'Nobody answered.' },
    }
    const picked: Signal = { kind: 'provider_answered', at: at(29_900) }
    for (const order of [
      [picked, refused],
      [refused, picked],
    ]) {
      expect(tell(...order, settle)).toMatchObject({ status: 'failed', disposition: 'no_answer', answeredAt: null })
    }
  })

  it('tells how a call ended of which LiveKit told nothing, or only that the leg is gone', () => {
    const busy = { status: 'failed', disposition: 'busy', sipStatusCode: 486, endReason: 'Twilio: busy.' }
    expect(tell(ended(4_000, 'busy', 486), settle)).toMatchObject({ ...busy, endedAt: at(4_000) })
    for (const reason of ['failed', 'left', 'rejected'] as const) {
      expect(tell(left(4_200, reason), ended(4_000, 'busy', 486), settle)).toMatchObject({
        ...{ ...busy, endedAt: at(4_200) },
      })
    }
  })

  it('takes no hang-up and no ring timeout of ours for the end of the callee', () => {
    expect(tell(left(4_000, 'unavailable'), ended(4_000, 'canceled'), settle).disposition).toBe('no_answer')
    expect(tell(left(4_000, 'room_deleted'), ended(4_000, 'no_answer'), settle).disposition).toBe('canceled')
    expect(tell(ended(4_000, 'canceled'), settle).disposition).toBe('canceled')
  })

  it('counts as answered who picked up by its word alone, with its times', () => {
    const talk = [{ kind: 'provider_answered', at: at(6_000) }, ended(60_000, 'completed')] satisfies Signal[]
    expect(tell(...talk, settle)).toMatchObject({ status: 'completed', answeredAt: at(6_000), endedAt: at(60_000) })
    expect(tell(ended(60_000, 'completed'), settle)).toMatchObject({ status: 'completed', answeredAt: at(60_000) })
    const answered: Signal = { kind: 'answered', at: at(5_900) }
    expect(tell(answered, ...talk, settle)).toMatchObject({ answeredAt: at(5_900), endedAt: at(60_000) })
  })

  it('is gathered and changes nothing more when the call is settled', () => {
    const settled = tell(left(4_000, 'rejected'), settle)
    const after = applySignal(settled, ended(4_000, 'completed'), storyTimings)
    expect(after).toEqual({ ...settled, providerNews: expect.anything() as unknown })
  })

  it('comes to the same in any order, with repeats, and from several legs', () => {
    const told = fc.oneof(
      fc.nat(9).map((ms): Told => ({ kind: 'provider_answered', at: at(ms) })),
      fc
        .tuple(fc.nat(9), fc.constantFrom(...dispositions))
        .map(([ms, disposition]): Told => ({ kind: 'provider_ended', at: at(ms), disposition, reason: disposition })),
    )
    const gather = (all: Told[]) => all.reduce<ProviderNews | null>(addProviderNews, null)
    fc.assert(
      fc.property(fc.array(told, { minLength: 1 }), fc.infiniteStream(fc.nat()), (all, picks) => {
        const shuffled = [...all, ...all].toSorted(() => ((picks.next().value ?? 0) % 2 ? 1 : -1))
        expect(gather(shuffled)).toEqual(gather(all))
        const isAnswered = all.some((each) => each.kind === 'provider_ended' && each.disposition === 'completed')
        if (isAnswered) expect(gather(all)?.end?.disposition).toBe('completed')
      }),
    )
  })
})

type Told = Parameters<typeof addProviderNews>[1]
