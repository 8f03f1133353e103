import { resolve } from 'node:path'
import { openPlace } from '@outdial/chaos/world-place'
import { Command } from 'commander'
import { MissingProgramsError, requirePrograms } from '../servers/programs.ts'
import { describeCheck } from './checks.ts'
import { runCampaign } from './run-campaign.ts'

const help = `
It needs redis-server, livekit-server, livekit-sip and sipp, and says how to get what is missing
(docs/testing-with-livekit.md); it then does nothing and ends with 0. Otherwise the exit code is 1 when something is not
as it should be.`

const command = new Command('e2e:livekit')
  .description('Runs a campaign on the real LiveKit servers, with sipp as the telephones of everybody who is called.')
  .option('--contacts <number>', 'how many people', wholeNumber, 200)
  .option('--keep <folder>', 'where logs, recording and evidence go; without it they are removed')
  .addHelpText('after', help)
  .action(async (options: { contacts: number; keep?: string }) => {
    process.exitCode = await run(options)
  })
await command.parseAsync()
// LiveKit's media library would keep the process alive for ever, and its own way to end it fails at times.
process.exit()

async function run({ contacts, keep }: { contacts: number; keep?: string }): Promise<number> {
  const missing = await whatIsMissing()
  if (missing) {
    process.stdout.write(`${missing}\nSkipped: without them there is no real LiveKit to call with.\n`)
    process.stdout.write('0 passed, 0 failed\n')
    return 0
  }
  const place = keep ? { path: resolve(keep), remove: async () => {} } : await openPlace()
  const startedMs = Date.now()
  const say = (text: string) => process.stdout.write(`${timeOf(Date.now() - startedMs)}  ${text}\n`)
  try {
    const checks = await runCampaign({ directory: place.path, contacts, say })
    process.stdout.write(`\n${checks.map(describeCheck).join('\n')}\n`)
    const failed = checks.filter(({ problems }) => problems.length > 0).length
    process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`)
    return failed === 0 ? 0 : 1
  } catch (error) {
    process.stdout.write(`\nIt could not be run to its end: ${error instanceof Error ? error.stack : String(error)}\n`)
    process.stdout.write('0 passed, 1 failed\n')
    return 1
  } finally {
    await place.remove()
  }
}

async function whatIsMissing(): Promise<string | null> {
  try {
    await requirePrograms()
    return null
  } catch (error) {
    if (error instanceof MissingProgramsError) return error.message
    throw error
  }
}

function timeOf(ms: number): string {
  const seconds = Math.floor(ms / 1_000)
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

function wholeNumber(text: string): number {
  const number = Number(text)
  if (Number.isInteger(number) && number >= 40 && number <= 2_000) return number
  throw new Error(`--contacts: use a whole number from 40 to 2000, not "${text}".`)
}
