import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gatherEvidence } from '@outdial/chaos/evidence'
import type { AgentWorker } from '../worker/agent-worker.ts'
import type { AgentJob } from '../worker/script.ts'
import { agentName, readStanding, ringTimeoutMs, setUpAssistant, setUpCampaign, setUpTrunk } from './campaign.ts'
import type { Check } from './checks.ts'
import { compareCalls, compareContacts, compareInvites, describeOrphans, readCalls } from './compare.ts'
import { checkAgents, checkRecording, recordTelephone, sayHello } from './conversation.ts'
import { checkInboundCall } from './inbound-call.ts'
import { type Installation, openInstallation } from './installation.ts'
import { toLedger } from './ledger.ts'
import { choosePeople, type Person } from './people.ts'
import { openPredialAddress } from './predial-address.ts'
import { startScriptedAgent } from './scripted-agent.ts'
import { checkSingleCalls, type Labels } from './single-calls.ts'
import { playTimeline, type Stage } from './timeline.ts'
import { checkRemains, judgeAll } from './verdict.ts'

type Run = { directory: string; contacts: number; say(text: string): void }

/** Telephones ring long enough to be found ringing. */
const phoneTimes = { ringMs: 1_200, longRingMs: 5_000, talkMs: 1_500 }

/** So many of those who answer are heard; the first one is recorded. */
const soundingPeople = 5

/** However slow the machine is: a second per contact, and what begins and ends the run. */
const patienceMs = { perContact: 1_000, around: 120_000 }

/** How long agents may stay when everything is over: as long as an empty room does. */
const agentPatienceMs = 30_000

const progressEveryMs = 10_000

/** The part of the contacts that the first daily cap lets be called. */
const capShare = 0.25

/** From empty folders to the verdict. Leaves no process behind. @throws when it cannot be run to its end */
export async function runCampaign({ directory, contacts, say }: Run): Promise<Check[]> {
  await using parts = new AsyncDisposableStack()
  await mkdir(directory, { recursive: true })
  const people = choosePeople(contacts)
  const sounding = people.filter(({ behaviour }) => behaviour === 'answers').map(({ phoneNumber }) => phoneNumber)
  sounding.splice(soundingPeople)
  const installation = await openInstallation(directory, { ...phoneTimes, audio: sayHello(sounding) })
  parts.defer(() => installation.close())
  say('PostgreSQL, Redis, livekit-server, livekit-sip, sipp and five processes of Outdial are up')
  const files = filesIn(directory)
  const worker = await startScriptedAgent(installation, { sounding, file: files.atAgent })
  parts.defer(() => worker.close())
  const trunkId = await setUpTrunk(installation)
  const assistantId = await setUpAssistant(installation)
  const doctor = await askDoctor(installation)
  const predial = await openPredialAddress()
  parts.defer(() => predial.close())
  const dailyCap = Math.round(contacts * capShare)
  const campaignId = await setUpCampaign(installation, { people, assistantId, dailyCap, predialUrl: predial.url })
  const stage = stageOf({ installation, campaignId, people, say })
  const progress = setInterval(() => void tellProgress(stage), progressEveryMs)
  parts.defer(() => clearInterval(progress))
  const labels: Labels = new Map()
  const [seen, single, inbound] = await Promise.all([
    playTimeline(stage, { dailyCap }),
    checkSingleCalls({ installation, assistantId, labels }),
    checkInboundCall(installation, { assistantId, worker }),
  ])
  const stuck = await worker.idle(agentPatienceMs)
  await recordTelephone(installation.phone, { phoneNumber: sounding[0] ?? '', file: files.atTelephone })
  say('completed')
  const compared = await compareAll(stage, { people, worker, stuck, trunkId, labels, file: files.evidence })
  return [doctor, ...single, inbound, ...seen, ...compared, await checkRecording(files), await checkRemains(stage)]
}

function filesIn(directory: string) {
  return {
    atAgent: join(directory, 'conversation-at-the-agent.wav'),
    atTelephone: join(directory, 'conversation-at-the-telephone.wav'),
    evidence: join(directory, 'evidence.json'),
  }
}

function stageOf({ people, ...rest }: Omit<Stage, 'numbers' | 'deadlineMs'> & { people: Person[] }): Stage {
  const numbers = new Set(people.map(({ phoneNumber }) => phoneNumber))
  return { ...rest, numbers, deadlineMs: Date.now() + people.length * patienceMs.perContact + patienceMs.around }
}

type Played = {
  people: Person[]
  worker: AgentWorker
  stuck: AgentJob[]
  trunkId: string
  labels: Labels
  file: string
}

/** What Outdial says, held against what the telephone and the agents saw. */
async function compareAll(
  { installation }: Stage,
  { people, worker, stuck, file, ...terms }: Played,
): Promise<Check[]> {
  const { sql, api, phone } = installation
  const stories = worker.stories()
  const readLedger = async () => toLedger(await phone.calls(), { ...terms, stories, ringTimeoutMs })
  const evidence = await gatherEvidence({ sql, apis: [api], readLedger })
  const calls = await readCalls(sql)
  await writeFile(file, JSON.stringify({ ...evidence, calls, stories }))
  const found = { ledger: evidence.ledger, calls }
  return [
    ...[compareInvites(found), compareContacts(people, found), compareCalls(people, found), describeOrphans(found)],
    ...[judgeAll(evidence, calls), checkAgents(stories, stuck)],
  ]
}

async function askDoctor({ outdial }: Installation): Promise<Check> {
  const { code, output } = await outdial('doctor', '--agent', agentName)
  const problems = code === 0 ? [] : output.trim().split('\n')
  return { name: 'doctor finds nothing wrong with the installation', problems }
}

async function tellProgress({ installation, campaignId, numbers, say }: Stage): Promise<void> {
  const standing = await readStanding(installation, campaignId).catch(() => null)
  if (!standing) return
  const calls = await installation.phone.calls()
  const onTheLine = calls.filter(({ ended }) => !ended).length
  say(`${standing.contacts.finished} of ${numbers.size} finished, ${onTheLine} on the line, ${calls.length} INVITEs`)
}
