import { Command } from 'commander'
import { call } from '../api/answers.ts'
import { createApiClient } from '../api/client.ts'
import { readClientEnvironment } from '../config.ts'
import { wholeNumber } from '../options.ts'
import { writeTable } from '../table.ts'

type Options = { campaign?: string; status?: string; disposition?: string; outcome?: string; limit: number }

export function callsCommand(): Command {
  const calls = new Command('calls').summary('list calls').description('Shows calls of the API at OUTDIAL_URL.')
  calls
    .command('list')
    .summary('calls, newest first')
    .option('--campaign <id>', 'of this campaign only')
    .option('--status <status>', 'pending, calling, answered, completed or failed')
    .option('--disposition <disposition>', 'such as busy or no_answer')
    .option('--outcome <outcome>', 'such as interested or callback')
    .option('--limit <n>', 'how many', wholeNumber({ min: 1, max: 1_000_000 }), 50)
    .action(listCalls)
  return calls
}

async function listCalls({ campaign, status, disposition, outcome, limit }: Options): Promise<void> {
  const { OUTDIAL_URL: url, OUTDIAL_API_KEY: apiKey } = readClientEnvironment()
  const client = createApiClient({ url, apiKey })
  const wanted = Object.entries({ campaignId: campaign, status, disposition, outcome })
  const filters = Object.fromEntries(wanted.flatMap(([name, value]) => (value ? [[name, value]] : [])))
  const rows: string[][] = []
  for await (const each of client.list(`/calls?${new URLSearchParams(filters).toString()}`, call)) {
    const at = each.createdAt.toISOString().slice(0, 19).replace('T', ' ')
    rows.push([each.id, at, each.phoneNumber, each.status, each.disposition ?? '', each.outcome ?? ''])
    if (rows.length >= limit) break
  }
  process.stdout.write(writeTable(['id', 'created (UTC)', 'number', 'status', 'disposition', 'outcome'], rows))
}
