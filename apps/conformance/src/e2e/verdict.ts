import type { Evidence } from '@outdial/judge/evidence'
import { judge } from '@outdial/judge/judge'
import { readStanding } from './campaign.ts'
import type { Check } from './checks.ts'
import type { KnownCall } from './compare.ts'
import type { Stage } from './timeline.ts'

/** By how much the way from a dial worker to the telephone may differ, with everything on this one machine. */
const paceJitterMs = 250
const pauseGraceMs = 1_000

/**
 * Every rule of docs/judge.md, with what the telephone logged as the witness. Of calls that came in it is none: they are
 * left out.
 */
export function judgeAll({ log, ...evidence }: Required<Evidence>, calls: KnownCall[]): Check {
  const outbound = new Set(calls.map(({ id }) => id))
  const judged = log.filter(({ callId }) => callId === null || outbound.has(callId))
  const options = { clockSpeed: 1, expectFinished: true, paceJitterMs, pauseGraceMs }
  const { violations, facts } = judge({ ...evidence, log: judged, options })
  const { invites, unknown, guessed, unreported } = facts
  const [trunk] = facts.trunks
  const pace = trunk && `${trunk.averagePerSecond} a second on average, ${trunk.peakConcurrency} at once at most`
  return {
    name: 'the judge finds nothing',
    facts: `${invites} INVITEs, ${pace}, ${unknown} unknown, ${guessed} guessed, ${unreported} unreported`,
    problems: violations.map(({ rule, message }) => `${rule}: ${message}`),
  }
}

/** Nothing goes on when the campaign is over, and nobody ended or logged an error. */
export async function checkRemains({ installation, campaignId }: Stage): Promise<Check> {
  const { phone, roles } = installation
  const { executionStatus, contacts, calls } = await readStanding(installation, campaignId)
  const onTheLine = (await phone.calls()).filter(({ ended }) => !ended)
  const crashed = roles.filter((role) => role.endings().some(({ asked }) => !asked))
  const problems = [
    ...(executionStatus === 'completed' ? [] : [`the campaign is ${executionStatus}`]),
    ...(contacts.finished === contacts.total ? [] : [`${contacts.total - contacts.finished} contacts are left`]),
    ...(calls.pending + calls.calling + calls.answered === 0 ? [] : [`calls are open: ${JSON.stringify(calls)}`]),
    ...onTheLine.map(({ to, behaviour }) => `${to} (${behaviour}) is still on the line`),
    ...crashed.map((role) => `${role.name} ended by itself: ${role.log().slice(-500)}`),
    ...roles.flatMap((role) => role.errors().map((error) => `${role.name}: ${error.slice(0, 300)}`)),
  ]
  return { name: 'nothing is left over, and no process failed', problems }
}
