/** The journey of a marketer, over the HTTP API and with nothing but it: contacts, trunk, assistant, campaign, start. */
import { z } from 'zod'
import { type CsvFile, created } from '../api/answers.ts'
import { type ApiClient, ApiError } from '../api/client.ts'
import { type Upload, uploadContacts } from '../api/upload-contacts.ts'

export type TrunkLimits = { callsPerSecond: number; maxConcurrency: number }

/** Real starts per second that two cores manage with all roles and the simulator in one process. */
const realStartsPerSecond = 25

/** A trunk as fast as the machine can follow at this speed: more would only show how late calls can be. */
export function trunkLimitsAt(speed: number): TrunkLimits {
  const callsPerSecond = Math.min(5, Math.round((realStartsPerSecond / speed) * 100) / 100)
  return { callsPerSecond: Math.max(0.02, callsPerSecond), maxConcurrency: 100 }
}

/** Enough for a few calls per contact to end well, and few enough that the demo ends. */
const maxAttemptsPerContact = 3

/** A cap that lets the demo finish: attempts that fail at the carrier's door count for it too. */
export const dailyCapFor = (contacts: number) => Math.max(100, contacts * (maxAttemptsPerContact + 1))

/** @throws ApiError for a file that cannot be read or has nobody to call in it */
export async function importContacts(client: ApiClient, upload: Upload & { country: string }): Promise<CsvFile> {
  const { path, country } = upload
  const file = await uploadContacts(client, upload)
  if (file.accepted > 0) return file
  if (file.rows === 0) throw new ApiError(`${path} has no rows below its header. Add contacts to it.`)
  throw new ApiError(
    `${path} has nobody to call: all ${file.rows} rows were refused for ${country}, the first because:\n` +
      `  ${await firstReject(client, file)}\nCorrect the numbers, or name their country with --country.`,
  )
}

async function firstReject(client: ApiClient, { id }: CsvFile): Promise<string> {
  const [, first = ''] = (await client.text(`/csv-files/${id}/rejects`)).split(/\r?\n/)
  const [lineNumber, , ...reason] = first.split(',')
  return `line ${lineNumber}: ${reason.join(',')}`
}

/** Makes what a campaign needs and starts it. Returns its id. */
export async function launchCampaign(
  client: ApiClient,
  launch: { csvFile: CsvFile; livekitTrunkId: string; numbers: string[]; limits: TrunkLimits },
): Promise<string> {
  const { csvFile, livekitTrunkId, numbers, limits } = launch
  const trunk = { name: 'Demo trunk', livekitTrunkId, numbers, ...limits, isDefault: true }
  const { id: trunkId } = await client.post('/trunks', { body: trunk, answer: created })
  const { id: assistantId } = await client.post('/assistants', { body: assistant, answer: created })
  const campaign = {
    ...{ name: 'Demo campaign', assistantId, trunkId, contactSource: 'csv_file', csvFileId: csvFile.id },
    ...{ ...rules, dailyCap: dailyCapFor(csvFile.accepted) },
  }
  const { id } = await client.post('/campaigns', { body: campaign, answer: created })
  await client.post(`/campaigns/${id}/start`, { answer: z.unknown() })
  return id
}

const assistant = {
  name: 'Ada',
  agentName: 'outdial-agent',
  prompt: 'You call {name} for Example Products to find out whether a demonstration would be welcome.',
  greeting: 'Hello, this is Ada from Example Products. Do you have a minute?',
  questions: ['Are you the right person to talk to?', 'How large is your team?', 'When would suit you?'],
}

const minutes = (count: number) => count * 60

/** Around the clock; a callback asked for on the last attempt is not made, so the campaign ends. */
const rules = {
  callingDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  startHour: 0,
  endHour: 0,
  // Nobody lives behind these numbers.
  jurisdictionRules: 'warn',
  campaignPrompt: 'Offer {name} a demonstration next week.',
  placeholderDefaults: { name: 'the person who answers' },
  callDelayMs: 0,
  ringTimeoutSeconds: 30,
  maxAttemptsPerContact,
  maxAttemptsPerDay: maxAttemptsPerContact,
  retry: {
    busy: { attempts: 3, delaySeconds: minutes(5) },
    no_answer: { attempts: 3, delaySeconds: minutes(10) },
    trunk_error: { attempts: 3, delaySeconds: minutes(2) },
    agent_error: { attempts: 3, delaySeconds: minutes(1) },
  },
}
