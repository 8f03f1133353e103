import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gatherEvidence } from '@outdial/chaos/evidence'
import type { Evidence } from '@outdial/judge/evidence'
import { judge } from '@outdial/judge/judge'
import { type AgentWorker, startAgentWorker } from '../worker/agent-worker.ts'
import type { AgentJob } from '../worker/script.ts'
import { agentName, readStanding, ringTimeoutMs, setUpCampaign, setUpTrunk } from './campaign.ts'
import type { Check } from './checks.ts'
import { compareCalls, compareContacts, compareInvites, describeOrphans, readCalls } from './compare.ts'
import { agentHz, checkAgents, checkRecording, recordTelephone, sayHello } from './conversation.ts'
import { type Installation, openInstallation } from './installation.ts'
import { toLedger } from './ledger.ts'
import { choosePeople, scriptFor } from './people.ts'
import { openPredialAddress } from './predial-address.ts'
import { playTimeline, type Stage } from './timeline.ts'

type Run = { directory: string; contacts: number; say(text: string): void }

/** Telephones ring long enough to be found ringing. */
const phoneOptions = { ringMs: 1_200, longRingMs: 5_000, talkMs: 1_500, audio: sayHello }

/** By how much the way from a dial worker to the telephone may differ, with everything on this one machine. */
const paceJitterMs = 250
const pauseGraceMs = 1_000

/** However slow the machine is: a second per contact, and what begins and ends the run. */
const patienceMs = { perContact: 1_000, around: 120_000 }

const progressEveryMs = 10_000

/** From empty folders to the verdict. Leaves no process behind. @throws when it cannot be run to its end */
export async function runCampaign({ directory, contacts, say }: Run): Promise<Check[]> {
  await using parts = new AsyncDisposableStack()
  await mkdir(directory, { recursive: true })
  const installation = await openInstallation(directory, phoneOptions)
  parts.defer(() => installation.close())
  say('PostgreSQL, Redis, livekit-server, livekit-sip, sipp and five processes of Outdial are up')
  const people = choosePeople(contacts)
  const atAgent = join(directory, 'conversation-at-the-agent.wav')
  const atTelephone = join(directory, 'conversation-at-the-telephone.wav')
  const recorded = people.find(({ behaviour }) => behaviour === 'answers')?.phoneNumber ?? ''
  const worker = await startWorker(installation, { recorded, atAgent })
  parts.defer(() => worker.close())
  const trunkId = await setUpTrunk(installation)
  const doctor = await askDoctor(installation)
  const predial = await openPredialAddress()
  parts.defer(() => predial.close())
  const dailyCap = Math.round(contacts * 0.25)
  const campaignId = await setUpCampaign(installation, { people, dailyCap, predialUrl: predial.url })
  const deadlineMs = Date.now() + contacts * patienceMs.perContact + patienceMs.around
  const stage: Stage = { installation, campaignId, contacts, say, deadlineMs }
  const progress = setInterval(() => void tellProgress(stage), progressEveryMs)
  parts.defer(() => clearInterval(progress))
  const seen = await playTimeline(stage, { dailyCap })
  await worker.idle()
  await recordTelephone(installation.phone, { phoneNumber: recorded, file: atTelephone })
  say('completed')
  const phoneCalls = () => installation.phone.calls()
  const ledgerTerms = { stories: worker.stories(), trunkId, ringTimeoutMs }
  const evidence = await gatherEvidence({
    ...{ sql: installation.sql, apis: [installation.api] },
    readLedger: async () => toLedger(await phoneCalls(), ledgerTerms),
  })
  const calls = await readCalls(installation.sql, campaignId)
  const found = { ledger: evidence.ledger, calls }
  await writeFile(join(directory, 'evidence.json'), JSON.stringify({ ...evidence, calls, stories: worker.stories() }))
  return [
    ...[doctor, ...seen],
    ...[compareInvites(found), compareContacts(people, found), compareCalls(people, found), describeOrphans(found)],
    ...[judgeAll(evidence), checkAgents(worker.stories())],
    ...[await checkRecording({ atAgent, atTelephone }), await checkRemains(stage)],
  ]
}

function startWorker(
  { livekit }: Installation,
  { recorded, atAgent }: { recorded: string; atAgent: string },
): Promise<AgentWorker> {
  const scriptOf = (job: AgentJob) => {
    const { phone_number: phoneNumber = '', attempt = 1 } = readMetadata(job)
    const script = { toneHz: agentHz, ...scriptFor(phoneNumber, attempt) }
    return phoneNumber === recorded ? { ...script, talkMs: 2_000, listenMs: 500, recordTo: atAgent } : script
  }
  const { url, apiKey, apiSecret } = livekit
  return startAgentWorker({ url, apiKey, apiSecret, agentName, scriptOf })
}

function readMetadata({ metadata }: AgentJob): { phone_number?: string; attempt?: number } {
  return JSON.parse(metadata) as { phone_number?: string; attempt?: number }
}

async function askDoctor({ outdial }: Installation): Promise<Check> {
  const { code, output } = await outdial('doctor', '--agent', agentName)
  const problems = code === 0 ? [] : output.trim().split('\n')
  return { name: 'doctor finds nothing wrong with the installation', problems }
}

async function tellProgress({ installation, campaignId, contacts, say }: Stage): Promise<void> {
  const standing = await readStanding(installation, campaignId).catch(() => null)
  if (!standing) return
  const calls = await installation.phone.calls()
  const onTheLine = calls.filter(({ ended }) => !ended).length
  say(`${standing.contacts.finished} of ${contacts} finished, ${onTheLine} on the line, ${calls.length} INVITEs`)
}

function judgeAll(evidence: Required<Evidence>): Check {
  const { violations, facts } = judge({
    ...evidence,
    options: { clockSpeed: 1, expectFinished: true, paceJitterMs, pauseGraceMs },
  })
  const [trunk] = facts.trunks
  const pace = trunk && `${trunk.averagePerSecond} a second on average, ${trunk.peakConcurrency} at once at most`
  return {
    name: 'the judge finds nothing',
    facts: `${facts.invites} INVITEs, ${pace}, ${facts.unknown} unknown, ${facts.guessed} guessed, ${facts.unreported} unreported`,
    problems: violations.map(({ rule, message }) => `${rule}: ${message}`),
  }
}

/** Nothing goes on when the campaign is over, and nobody logged an error that killing does not explain. */
async function checkRemains({ installation, campaignId }: Stage): Promise<Check> {
  const { executionStatus, contacts, calls } = await readStanding(installation, campaignId)
  const onTheLine = (await installation.phone.calls()).filter(({ ended }) => !ended)
  const crashes = installation.roles.flatMap((role) =>
    role
      .endings()
      .filter(({ asked }) => !asked)
      .map(() => `${role.name} ended by itself: ${role.log().slice(-500)}`),
  )
  const problems = [
    ...(executionStatus === 'completed' ? [] : [`the campaign is ${executionStatus}`]),
    ...(contacts.finished === contacts.total ? [] : [`${contacts.total - contacts.finished} contacts are left`]),
    ...(calls.pending + calls.calling + calls.answered === 0 ? [] : [`calls are open: ${JSON.stringify(calls)}`]),
    ...onTheLine.map(({ to, behaviour }) => `${to} (${behaviour}) is still on the line`),
    ...crashes,
    ...installation.roles.flatMap((role) => role.errors().map((error) => `${role.name}: ${error.slice(0, 300)}`)),
  ]
  return { name: 'nothing is left over, and no process failed', problems }
}
