import { Command } from 'commander'
import { readDemoEnvironment } from '../config.ts'
import { contactsMax } from '../demo/contact-file.ts'
import type { DemoOptions } from '../demo/demo-options.ts'
import { runDemo } from '../demo/run-demo.ts'
import { country, numberBetween, readableFile, urlOf, wholeNumber } from '../options.ts'
import { watchForStop } from '../stop-signal.ts'
import { createTerminal } from '../terminal.ts'

const help = `
The demo has a world of its own: an embedded PostgreSQL in .cache, emptied by every run, and a LiveKit project with a
telephone network, both simulated. DATABASE_URL, REDIS_URL and LIVEKIT_URL are not used; nobody's phone rings.
PORT, SIMULATOR_PORT and HOST say where it listens (127.0.0.1, 3000 and 7880, or the next ports that are free).

--json prints one JSON object as the last line of standard output, and nothing else there:
  contacts             total, finished; and of the file: accepted, duplicates, invalid
  calls                total, byStatus, byDisposition, byOutcome
  invites              calls that the simulated telephone network saw begin
  callsWithTwoInvites  call ids that were dialed more than once
  countersMatchLedger  every call ended as the network saw it, and the counters are the sums of the calls
  brokenRules          rules of outdial judge that were broken, by name
  longestWaitMs        the longest time from the start that a call was claimed for to its INVITE, in milliseconds of
                       simulated time: divide by speed for real ones. A machine that is too slow for the speed shows
                       here, and nowhere else
  wallTimeMs           from the start of the command to the result
  simulatedTimeMs      from the start of the campaign to its end, in simulated time
  speed, seed, queue (postgres or redis)
  ok                   all of it holds and every accepted contact is finished; the exit code is 0 then, else 1`

export function demoCommand(): Command {
  return new Command('demo')
    .summary('a whole campaign, from a contact file to outcomes')
    .description(
      'Imports a contact file, runs a campaign over it on a simulated telephone network until every contact is ' +
        'finished, and checks what it tells against what the network saw.',
    )
    .option('--csv <file>', 'the contact file to use instead of invented contacts', readableFile)
    .option('--country <XX>', 'the country of numbers without a country code', country, 'US')
    .option('--phone-column <name>', 'the column of --csv with telephone numbers, where it is not recognised')
    .option('--contacts <n>', 'how many contacts to invent', wholeNumber({ min: 1, max: contactsMax }), 300)
    .option('--seed <n>', 'decides who answers, and who the contacts are', wholeNumber({ min: 0, max: 2 ** 32 }), 1)
    .option('--speed <x>', 'how fast the simulated time runs, up to 1000', numberBetween({ above: 0, max: 1_000 }), 60)
    .option(
      '--redis-url <url>',
      'queue on this Redis instead of in PostgreSQL; keys of its own, erased at the end',
      urlOf(/^rediss?:$/, 'redis://127.0.0.1:6379'),
    )
    .option(
      '--database-url <url>',
      'use this PostgreSQL server: a database of its own is made there and dropped at the end',
      urlOf(/^postgres(ql)?:$/, 'postgres://user:password@127.0.0.1:5432/postgres'),
    )
    .option('--exit', 'end when the campaign is completed, also in a terminal')
    .option('--json', 'print the result as JSON, and end')
    .addHelpText('after', help)
    .action(async (options: DemoOptions, command: Command) => {
      const isAtTerminal = process.stdin.isTTY === true && process.stdout.isTTY === true
      const exit = options.exit === true || options.json === true || !isAtTerminal
      const isContactsIgnored = options.csv !== undefined && command.getOptionValueSource('contacts') !== 'default'
      await demo({ ...options, exit }, isContactsIgnored)
    })
}

async function demo(options: DemoOptions, isContactsIgnored: boolean): Promise<void> {
  const env = readDemoEnvironment()
  const terminal = createTerminal()
  if (isContactsIgnored) terminal.say('--contacts is not used: the contacts are those of --csv.')
  if (env.isDatabaseIgnored && !options.databaseUrl) {
    terminal.say('DATABASE_URL is not used: the demo has a database of its own (--database-url names another server).')
  }
  const signal = watchForStop(() => terminal.say('Stopping …'))
  const result = await runDemo({ options, env, terminal, signal })
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  if (!result.ok) throw new Error('Not everything holds: see what is told above.')
}
