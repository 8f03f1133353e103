import { Command } from 'commander'
import { z } from 'zod'
import { campaignStats, campaignStatus } from '../api/answers.ts'
import { type ApiClient, createApiClient } from '../api/client.ts'
import { readClientEnvironment } from '../config.ts'
import { list } from '../demo/draw-progress.ts'
import { writeTable } from '../table.ts'

const row = z.object({ id: z.string(), name: z.string(), executionStatus: z.string(), createdAt: z.string() })
const moved = z.object({ executionStatus: z.string(), changed: z.boolean() })

export function campaignCommand(): Command {
  const campaign = new Command('campaign')
    .summary('list, watch, start, pause, resume and stop campaigns')
    .description('Works with the campaigns of the API at OUTDIAL_URL (http://127.0.0.1:3000), with OUTDIAL_API_KEY.')
  campaign.command('list').summary('all campaigns, newest first').action(listAll)
  campaign.command('status').summary('where a campaign stands').argument('<id>').action(showStatus)
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
