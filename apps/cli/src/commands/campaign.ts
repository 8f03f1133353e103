import { Command } from 'commander'
import { z } from 'zod'
import { campaignContact, campaignStats, campaignStatus, created } from '../api/answers.ts'
import { type ApiClient, createApiClient } from '../api/client.ts'
import { readClientEnvironment } from '../config.ts'
import { list } from '../demo/draw-progress.ts'
import { writeTable } from '../table.ts'
import { UsageError } from '../usage-error.ts'

const row = z.object({ id: z.string(), name: z.string(), executionStatus: z.string(), createdAt: z.string() })
const moved = z.object({ executionStatus: z.string(), changed: z.boolean() })

export function campaignCommand(): Command {
  const campaign = new Command('campaign')
    .summary('list, watch, start, pause, resume and stop campaigns')
    .description('Works with the campaigns of the API at OUTDIAL_URL (http://127.0.0.1:3000), with OUTDIAL_API_KEY.')
  campaign.command('list').summary('all campaigns, newest first').action(listAll)
  campaign.command('status').summary('where a campaign stands').argument('<id>').action(showStatus)
  campaign
    .command('why')
    .summary('why somebody is or is not called, and what was decided about them')
    .argument('<id>')
    .argument('<who>', 'a number such as +14155550100, or the id of a contact')
    .action(explain)
  for (const action of ['start', 'pause', 'resume']) {
    campaign
      .command(action)
      .summary(`${action} a campaign`)
      .argument('<id>')
      .action((id: string) => move(id, { action }))
  }
  campaign
    .command('stop')
    .summary('stop a campaign')
    .argument('<id>')
    .option('--hang-up', 'end its live calls as well', false)
    .action((id: string, { hangUp }: { hangUp: boolean }) =>
      move(id, { action: 'stop', body: { hangUpLiveCalls: hangUp } }),
    )
  return campaign
}

async function listAll(): Promise<void> {
  const rows: string[][] = []
  for await (const { id, name, executionStatus, createdAt } of openClient().list('/campaigns', row)) {
    rows.push([id, executionStatus, createdAt.slice(0, 16).replace('T', ' '), name])
  }
  process.stdout.write(writeTable(['id', 'status', 'created', 'name'], rows))
}

async function showStatus(id: string): Promise<void> {
  const client = openClient()
  const { executionStatus, contacts, calls, today, notCalling } = await client.get(
    `/campaigns/${encodeURIComponent(id)}/status`,
    campaignStatus,
  )
  const stats = await client.get(`/outbound-calls/campaign/${encodeURIComponent(id)}/stats`, campaignStats)
  const lines = [
    ['status', executionStatus],
    ['contacts', `${contacts.finished} of ${contacts.total} finished, ${contacts.waiting} waiting`],
    ['now', `${calls.pending} to be dialed, ${calls.calling} ringing, ${calls.answered} talking`],
    ['calls', `${calls.total}: ${list(stats.calls.byDisposition) || 'none has ended'}`],
    ['outcomes', list(stats.calls.byOutcome) || 'none'],
    ['today', `${today.dialed} of ${today.dailyCap ?? 'any number of'} dials`],
    ...(notCalling ? [['waiting', notCalling.reason]] : []),
  ]
  process.stdout.write(lines.map(([label = '', value]) => `${label.padEnd(10)}${value}\n`).join(''))
}

async function explain(id: string, who: string): Promise<void> {
  const client = openClient()
  const contacts = `/campaigns/${encodeURIComponent(id)}/contacts`
  const contactId = who.startsWith('+') ? await findContact(client, { contacts, phoneNumber: who }) : who
  const { phoneNumber, name, state, attempts, why, log } = await client.get(
    `${contacts}/${encodeURIComponent(contactId)}`,
    campaignContact,
  )
  const until = why.until ? ` Until ${secondOf(why.until)} UTC.` : ''
  process.stdout.write(`${[phoneNumber, name].filter(Boolean).join(' ')}: ${state}, attempts: ${attempts}\n`)
  process.stdout.write(`${why.reason}${until}\n\n`)
  process.stdout.write(writeTable(['when (UTC)', 'what', 'details'], log.map(lineOf)))
}

async function findContact(client: ApiClient, wish: { contacts: string; phoneNumber: string }): Promise<string> {
  const search = `${wish.contacts}?phoneNumber=${encodeURIComponent(wish.phoneNumber)}`
  for await (const { id } of client.list(search, created)) return id
  throw new UsageError(
    `The campaign has no contact with the number ${wish.phoneNumber}. Give it with its country code.`,
  )
}

function lineOf({ at, kind, details }: z.output<typeof campaignContact>['log'][number]): string[] {
  // All the settings of a campaign would fill the screen; the API has them.
  const shown = Object.entries(details).filter(([field, value]) => field !== 'settings' && value !== null)
  return [secondOf(at), kind, shown.map(([field, value]) => `${field} ${plain(value)}`).join(', ')]
}

const plain = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

const secondOf = (at: Date) => at.toISOString().slice(0, 19).replace('T', ' ')

async function move(id: string, { action, body }: { action: string; body?: object }): Promise<void> {
  const { executionStatus, changed } = await openClient().post(`/campaigns/${encodeURIComponent(id)}/${action}`, {
    body,
    answer: moved,
  })
  process.stdout.write(changed ? `The campaign is ${executionStatus}.\n` : `It was ${executionStatus} already.\n`)
}

function openClient(): ApiClient {
  const { OUTDIAL_URL: url, OUTDIAL_API_KEY: apiKey } = readClientEnvironment()
  return createApiClient({ url, apiKey })
}
