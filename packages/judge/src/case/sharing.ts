import { objectionTo } from '../calling-hours.ts'
import type { ShareFacts } from '../verdict.ts'
import type { CallStory, CampaignStory, Case, TrunkStory } from './case.ts'
import { textOf } from './entry.ts'
import { during } from './timeline.ts'

/** A stretch of real time in which a campaign certainly had somebody to call and nothing of its own in the way. */
type Span = { fromMs: number; toMs: number }
type Contender = { campaign: CampaignStory; claims: CallStory[]; spans: Span[]; weight: number }

/**
 * How each two campaigns of a trunk shared its starts while both certainly had work. A contact that is called for the
 * first time waited since it was added: between two such claims there was somebody to call, unless the contact's
 * window was shut, the campaign did not run, the lane found nothing to start, or the campaign's own limits held it back.
 */
export function sharesOf(theCase: Case): ShareFacts[] {
  const onTrunk = Map.groupBy([...theCase.calls.values()], ({ trunkId, claimed }) => (claimed && trunkId) ?? '')
  return [...theCase.trunks.values()].flatMap((trunk) => {
    const calls = (onTrunk.get(trunk.id) ?? []).filter(({ campaignId }) => campaignId !== null)
    const byCampaign = Map.groupBy(calls, ({ campaignId }) => campaignId ?? '')
    const contenders = [...byCampaign].flatMap(([id, claims]) => {
      const campaign = theCase.campaigns.get(id)
      return campaign ? contenderOf(campaign, { claims, trunk, count: byCampaign.size }) : []
    })
    return contenders.flatMap((one, index) =>
      contenders.slice(index + 1).flatMap((other) => shareOf(trunk, [one, other])),
    )
  })
}

function contenderOf(
  campaign: CampaignStory,
  { claims, trunk, count }: { claims: CallStory[]; trunk: TrunkStory; count: number },
): Contender[] {
  const weight = campaign.settings.at(-1)?.value.weight
  const hasOneWeight = campaign.settings.every(({ value }) => value.weight === weight)
  if (!weight || !hasOneWeight || isHeldBack(campaign, trunk, count)) return []
  const inOrder = claims.sort((one, other) => claimedMs(one) - claimedMs(other))
  return [{ campaign, claims: inOrder, spans: spansOf(campaign, inOrder), weight }]
}

/** Whose own limits may be lower than its share cannot show what its share is. */
function isHeldBack({ settings }: CampaignStory, { limits }: TrunkStory, count: number): boolean {
  return settings.some(({ value: { callDelayMs, callsPerSecond, maxConcurrency, dailyCap } }) => {
    if (dailyCap !== null || maxConcurrency !== null) return true
    if (count < 2) return false
    const ownPerSecond = Math.min(callsPerSecond ?? Number.POSITIVE_INFINITY, 1_000 / callDelayMs)
    return limits.some(({ value }) => ownPerSecond < value.callsPerSecond)
  })
}

function spansOf(campaign: CampaignStory, claims: CallStory[]): Span[] {
  const called = new Set<string>()
  const fresh = claims.filter(({ contactId }) => {
    const isFirst = contactId !== null && !called.has(contactId) && !campaign.deferredContacts.has(contactId)
    if (contactId) called.add(contactId)
    return isFirst
  })
  const spans: Span[] = []
  let before: CallStory | undefined
  for (const [count, call] of fresh.entries()) {
    const span = before && { fromMs: claimedMs(before), toMs: claimedMs(call) }
    const atMs = before?.claimed?.atMs ?? 0
    if (span && wasThere(campaign, count, span) && couldBeCalled(campaign, { call, span, atMs })) {
      const last = spans.at(-1)
      if (last && last.toMs === span.fromMs) last.toMs = span.toMs
      else spans.push(span)
    }
    before = call
  }
  return spans
}

/** Whether more contacts had been added at the beginning than were called by then. */
function wasThere({ added }: CampaignStory, called: number, { fromMs }: Span): boolean {
  return (during(added, { fromMs, toMs: fromMs }).at(-1) ?? 0) > called
}

function couldBeCalled(
  { settings, states, deferrals }: CampaignStory,
  { call, span, atMs }: { call: CallStory; span: Span; atMs: number },
): boolean {
  const zoneKey = textOf(call.claimed, 'zoneKey') ?? ''
  const isOpen = during(settings, span).every((each) => objectionTo(each, zoneKey, atMs) === null)
  const ran = during(states, span).every((state) => state === 'running')
  return isOpen && ran && !hasWithin(deferrals, span)
}

function shareOf(trunk: TrunkStory, [one, other]: [Contender, Contender]): ShareFacts[] {
  const spans = overlapsOf(one.spans, other.spans)
  const starts: [number, number] = [countWithin(one.claims, spans), countWithin(other.claims, spans)]
  const total = starts[0] + starts[1]
  if (total === 0) return []
  return [
    {
      trunkId: trunk.id,
      campaignIds: [one.campaign.id, other.campaign.id],
      weights: [one.weight, other.weight],
      starts,
      share: starts[0] / total,
      fairShare: one.weight / (one.weight + other.weight),
    },
  ]
}

function overlapsOf(some: Span[], others: Span[]): Span[] {
  const overlaps: Span[] = []
  let at = 0
  for (const span of some) {
    while ((others[at]?.toMs ?? Number.POSITIVE_INFINITY) <= span.fromMs) at += 1
    for (let index = at; (others[index]?.fromMs ?? Number.POSITIVE_INFINITY) < span.toMs; index += 1) {
      const other = others[index]
      if (!other) break
      overlaps.push({ fromMs: Math.max(span.fromMs, other.fromMs), toMs: Math.min(span.toMs, other.toMs) })
    }
  }
  return overlaps
}

/** Claims after the beginning of a stretch, up to its end: what was claimed at the beginning was claimed before. */
function countWithin(claims: CallStory[], spans: Span[]): number {
  let at = 0
  let count = 0
  for (const call of claims) {
    while ((spans[at]?.toMs ?? Number.POSITIVE_INFINITY) < claimedMs(call)) at += 1
    const span = spans[at]
    if (span && claimedMs(call) > span.fromMs && call.invites.length > 0) count += 1
  }
  return count
}

/** Whether a moment of an ordered list lies after the beginning of a span and before its end. */
function hasWithin(moments: number[], { fromMs, toMs }: Span): boolean {
  let low = 0
  let high = moments.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((moments[middle] ?? 0) <= fromMs) low = middle + 1
    else high = middle
  }
  return (moments[low] ?? Number.POSITIVE_INFINITY) < toMs
}

function claimedMs({ claimed }: CallStory): number {
  return claimed?.recordedMs ?? 0
}
