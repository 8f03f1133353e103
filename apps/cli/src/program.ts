import { ConfigError } from '@outdial/service/config'
import { Command, CommanderError } from 'commander'
import { callsCommand } from './commands/calls.ts'
import { campaignCommand } from './commands/campaign.ts'
import { demoCommand } from './commands/demo.ts'
import { devCommand } from './commands/dev.ts'
import { doctorCommand } from './commands/doctor.ts'
import { importCommand } from './commands/import.ts'
import { judgeCommand } from './commands/judge.ts'
import { livekitCommand } from './commands/livekit.ts'
import { migrateCommand } from './commands/migrate.ts'
import { tokenCommand } from './commands/token.ts'
import { twilioCommand } from './commands/twilio.ts'
import { workspaceCommand } from './commands/workspace.ts'
import { Stopped } from './stop-signal.ts'
import { UsageError } from './usage-error.ts'

/** Runs the command line. Returns the exit code: 0, 1 for what went wrong, 2 for what makes no sense, 130 for Ctrl-C. */
export async function runProgram(argv: string[]): Promise<number> {
  try {
    await createProgram().parseAsync(withoutSeparator(argv))
    return 0
  } catch (error) {
    return explain(error)
  }
}

function createProgram(): Command {
  const program = new Command('outdial')
    .description('Outbound AI voice campaigns on LiveKit.')
    .showHelpAfterError('Add --help to see what there is.')
    .addCommand(demoCommand())
    .addCommand(devCommand())
    .addCommand(migrateCommand())
    .addCommand(workspaceCommand())
    .addCommand(tokenCommand())
    .addCommand(importCommand())
    .addCommand(campaignCommand())
    .addCommand(callsCommand())
    .addCommand(twilioCommand())
    .addCommand(livekitCommand())
    .addCommand(doctorCommand())
    .addCommand(judgeCommand())
  for (const command of withDescendants(program)) {
    command.exitOverride().configureHelp({ sortOptions: false }).showHelpAfterError('Add --help to see what there is.')
  }
  return program
}

function withDescendants(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withDescendants)]
}

function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (error instanceof Stopped) return error.exitCode
  const isUsage = error instanceof UsageError || error instanceof ConfigError
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  return isUsage ? 2 : 1
}

/** `npm run demo -- -- --exit` and pnpm hand a separator on. */
function withoutSeparator(argv: string[]): string[] {
  return argv[3] === '--' ? argv.toSpliced(3, 1) : argv
}
