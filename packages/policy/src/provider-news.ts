/**
 * What a trunk's provider (Twilio, Exotel) tells of a call in its callbacks, kept apart from what LiveKit tells: LiveKit
 * is at the telephone leg, a callback comes late, out of order or never. So news of a provider moves no call. They decide
 * where LiveKit stays silent until the time allowed for a clear word has passed.
 */
import type { ProviderNews, Signal } from './signal.ts'

type ProviderEnd = NonNullable<ProviderNews['end']>

type Told = Signal & { kind: 'provider_answered' | 'provider_ended' }

/** The same for the same news, in any order and with repeats. */
export function addProviderNews(known: ProviderNews | null, told: Told): ProviderNews {
  const { answeredAtMs, end } = known ?? { answeredAtMs: null, end: null }
  const atMs = told.at.getTime()
  if (told.kind === 'provider_answered') return { answeredAtMs: Math.min(answeredAtMs ?? atMs, atMs), end }
  const { disposition, reason, sipStatusCode = null } = told
  return { answeredAtMs, end: firstOf(end, { atMs, disposition, reason, sipStatusCode }) }
}

/** Null where the provider told of no answer. `endedAt` only where it was the end of a conversation. */
export function conversationOf(news: ProviderNews | null): { answeredAt: Date | null; endedAt: Date | null } | null {
  const end = news?.end?.disposition === 'completed' ? news.end : null
  if (!news || (news.answeredAtMs === null && !end)) return null
  return {
    answeredAt: news.answeredAtMs === null ? null : new Date(news.answeredAtMs),
    endedAt: end && new Date(end.atMs),
  }
}

/**
 * The end that the provider told of, where it says more than how the leg left LiveKit's room. A leg that was taken out of
 * its room was hung up from here, and a cancel is how the provider sees that, or a ring timeout.
 */
export function failureOf(news: ProviderNews | null, legEnd: string | null): ProviderEnd | null {
  const end = news?.end
  if (!end || end.disposition === 'completed') return null
  const legSaysNothing = legEnd === null || legEnd === 'room'
  if (legSaysNothing) return end
  return end.disposition === 'canceled' || legEnd === 'removed' || legEnd === 'room_deleted' ? null : end
}

/** A call with several legs at the provider has several ends: whoever picked up counts, else the first. */
function firstOf(known: ProviderEnd | null, told: ProviderEnd): ProviderEnd {
  if (known === null) return told
  return rank(told) < rank(known) ? told : known
}

function rank({ disposition, atMs, reason, sipStatusCode }: ProviderEnd): string {
  const answered = disposition === 'completed' ? '0' : '1'
  return [answered, String(atMs).padStart(16, '0'), disposition, sipStatusCode ?? '', reason].join(' ')
}
