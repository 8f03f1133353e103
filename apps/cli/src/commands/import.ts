import { styleText } from 'node:util'
import { Command } from 'commander'
import { z } from 'zod'
import { created } from '../api/answers.ts'
import { type ApiClient, createApiClient } from '../api/client.ts'
import { uploadContacts } from '../api/upload-contacts.ts'
import { readClientEnvironment } from '../config.ts'
import { country, readableFile } from '../options.ts'
import { createTerminal } from '../terminal.ts'

type Options = { list?: string; country?: string; phoneColumn?: string }

export function importCommand(): Command {
  return new Command('import')
    .summary('import a contact file')
    .description(
      'Uploads a CSV or TSV file of any size to the API at OUTDIAL_URL (http://127.0.0.1:3000) with OUTDIAL_API_KEY, ' +
        'and says what became of its rows. Contacts that the list has already are skipped.',
    )
    .argument('<file>', 'the contact file', readableFile)
    .option('--list <name>', 'the list to fill; made if there is none of that name (the name of the file)')
    .option('--country <XX>', 'the country of numbers without a country code', country)
    .option('--phone-column <name>', 'the column with telephone numbers, where it is not recognised')
    .action(runImport)
}

async function runImport(path: string, options: Options): Promise<void> {
  const { OUTDIAL_URL: url, OUTDIAL_API_KEY: apiKey } = readClientEnvironment()
  const client = createApiClient({ url, apiKey })
  const terminal = createTerminal()
  const contactListId = options.list ? await findOrMakeList(client, options.list) : undefined
  const onProgress = (share: number) => terminal.live([drawBar(share)])
  const { country: defaultCountry, phoneColumn } = options
  const imported = await uploadContacts(client, {
    path,
    country: defaultCountry,
    phoneColumn,
    contactListId,
    onProgress,
  })
  terminal.keep()
  const { rows, accepted, duplicates, invalid, id } = imported
  process.stdout.write(`${rows} rows: ${accepted} accepted, ${duplicates} duplicates, ${invalid} invalid\n`)
  process.stdout.write(`contact list  ${imported.contactListId}\nCSV file      ${id}\n`)
  if (accepted < rows) process.stdout.write(`what was not taken over: GET ${url}/api/v1/csv-files/${id}/rejects\n`)
}

async function findOrMakeList(client: ApiClient, name: string): Promise<string> {
  const row = z.object({ id: z.string(), name: z.string() })
  for await (const list of client.list('/contact-lists', row)) if (list.name === name) return list.id
  return (await client.post('/contact-lists', { body: { name }, answer: created })).id
}

const barWidth = 40

function drawBar(share: number): string {
  const done = Math.round(share * barWidth)
  const bar = styleText('green', '█'.repeat(done), { stream: process.stderr }) + '░'.repeat(barWidth - done)
  return `${bar} ${String(Math.floor(share * 100)).padStart(3)} % sent`
}
