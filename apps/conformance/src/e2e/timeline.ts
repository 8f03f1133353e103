import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { PhoneCall } from '../phone/phone-calls.ts'
import { moveCampaign, readStanding, type Standing } from './campaign.ts'
import type { Check } from './checks.ts'
import type { Installation } from './installation.ts'

export type Stage = {
  installation: Installation
  campaignId: string
  /** Of everybody on the campaign's list. */
  numbers: Set<string>
  say(text: string): void
  /** The run fails when this moment has passed. */
  deadlineMs: number
}

const lookEveryMs = 500
/** What was under way may still leave for so long after a pause was answered. */
const pauseGraceMs = 1_000
const pausedForMs = 4_000

const ringingWanted = 3
const ringPatienceMs = 15_000
const betweenKillsMs = 4_000

/**
 * The life of the campaign: it runs into its cap, gets a higher one, is paused and resumed, and its dial workers are
 * killed while calls ring. Returns what was seen on the way.
 */
export async function playTimeline(stage: Stage, { dailyCap }: { dailyCap: number }): Promise<Check[]> {
  const { installation, campaignId, numbers, say } = stage
  await moveCampaign(installation, campaignId, 'start')
  say(`started; the daily cap is ${dailyCap}`)
  const cap = await runIntoCap(stage, dailyCap)
  await finishedBy(stage, numbers.size * 0.4)
  const pause = await pauseAndResume(stage)
  await finishedBy(stage, numbers.size * 0.5)
  const kills = await killDialWorkers(stage)
  await waitUntil(stage, 'the campaign is completed', ({ executionStatus }) => executionStatus !== 'running')
  return [cap, pause, kills]
}

async function runIntoCap(stage: Stage, dailyCap: number): Promise<Check> {
  const { installation, campaignId, say } = stage
  const isCapped = ({ notCalling, calls }: Standing) =>
    /\bcap\b/.test(notCalling?.reason ?? '') && calls.calling + calls.pending === 0
  const { notCalling, today } = await waitUntil(stage, 'the daily cap is used up', isCapped)
  const invites = (await callsOfCampaign(stage)).length
  say(`the cap is used up: "${notCalling?.reason}" (${invites} INVITEs)`)
  await installation.api.patch(`/campaigns/${campaignId}`, { dailyCap: dailyCap * 100 }, z.unknown())
  const problems = [
    ...(invites === dailyCap ? [] : [`${invites} INVITEs came before the cap of ${dailyCap} stopped the campaign`]),
    ...(today.left === 0 ? [] : [`the campaign says that ${today.left} of the cap are left`]),
  ]
  return { name: 'the daily cap stops the campaign at exactly so many calls', problems }
}

async function pauseAndResume(stage: Stage): Promise<Check> {
  const { installation, campaignId, say } = stage
  const before = await callsOfCampaign(stage)
  await moveCampaign(installation, campaignId, 'pause')
  const pausedMs = Date.now()
  say(`paused, with ${before.filter(({ ended }) => !ended).length} calls on the line`)
  await delay(pausedForMs)
  const calls = await callsOfCampaign(stage)
  const resumedMs = Date.now()
  await moveCampaign(installation, campaignId, 'resume')
  say('resumed')
  const late = calls.filter(({ invited }) => invited.realMs > pausedMs + pauseGraceMs && invited.realMs < resumedMs)
  const last = Math.max(0, ...calls.map(({ invited }) => invited.realMs - pausedMs))
  return {
    name: 'nobody is called while the campaign is paused',
    facts: `the last INVITE left ${Math.round(last)} ms after the pause was answered`,
    problems: late.map(({ to, invited }) => `${to} was called ${Math.round(invited.realMs - pausedMs)} ms after it`),
  }
}

/** One, both, and the other one, each time while telephones ring. */
async function killDialWorkers(stage: Stage): Promise<Check> {
  const { installation, say } = stage
  const workers = installation.rolesOf('dial-worker')
  const rounds = [workers.slice(0, 1), workers, workers.slice(1)]
  let rang = 0
  for (const victims of rounds) {
    const ringing = await countRinging(stage)
    for (const victim of victims) victim.kill('SIGKILL')
    rang += ringing
    say(`killed ${victims.length} of ${workers.length} dial workers while ${ringing} telephones rang`)
    await Promise.all(victims.map((victim) => victim.exited()))
    for (const victim of victims) victim.start()
    await Promise.all(victims.map((victim) => victim.ready()))
    await delay(betweenKillsMs)
  }
  const problems = rang === 0 ? ['none rang: use more --contacts'] : []
  return { name: 'dial workers are killed while telephones ring', facts: `${rang} rang`, problems }
}

/** Waits for several, for a while. */
async function countRinging(stage: Stage): Promise<number> {
  const patientUntilMs = Date.now() + ringPatienceMs
  for (;;) {
    const ringing = (await callsOfCampaign(stage)).filter(
      (call) => call.ringing && !call.answered && !call.ended,
    ).length
    if (ringing >= ringingWanted || Date.now() > patientUntilMs) return ringing
    await delay(100)
  }
}

async function callsOfCampaign({ installation, numbers }: Stage): Promise<PhoneCall[]> {
  return (await installation.phone.calls()).filter(({ to }) => numbers.has(to))
}

async function finishedBy(stage: Stage, count: number): Promise<void> {
  await waitUntil(stage, `${Math.round(count)} contacts are finished`, ({ contacts }) => contacts.finished >= count)
}

/** @throws when the campaign does not get there in time, with where it stands */
async function waitUntil(stage: Stage, what: string, isSo: (standing: Standing) => boolean): Promise<Standing> {
  const { installation, campaignId, deadlineMs } = stage
  for (;;) {
    // On a machine that is too busy an answer may be lost: the next one will do.
    const standing = await readStanding(installation, campaignId).catch(String)
    if (typeof standing === 'object' && isSo(standing)) return standing
    if (typeof standing === 'object' && standing.executionStatus === 'error') {
      throw new Error(`The campaign stopped: ${standing.notCalling?.reason}`)
    }
    if (Date.now() > deadlineMs) throw new Error(`It takes too long until ${what}: ${JSON.stringify(standing)}`)
    await delay(lookEveryMs)
  }
}
