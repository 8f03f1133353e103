import { LiveKit } from '@outdial/telephony/livekit'
import { Command, Option } from 'commander'
import { readLiveKitEnvironment, readSipPassword } from '../set-up/config.ts'
import { createRule, listRules } from '../set-up/dispatch-rules.ts'
import {
  changeTrunk,
  createInboundTrunk,
  createOutboundTrunk,
  listTrunks,
  type TrunkOptions,
} from '../set-up/livekit-trunks.ts'
import { collect, e164, headerPair, shortName, sipHost } from '../set-up/options.ts'

const help = `
Environment:
  LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET
                       the LiveKit project; required
  SIP_AUTH_PASSWORD    the password that belongs to --username`

export function livekitCommand(): Command {
  const livekit = new Command('livekit')
    .summary('set up SIP trunks and dispatch rules of a LiveKit project')
    .description('Works on the SIP trunks and dispatch rules of the project at LIVEKIT_URL.')
  const trunk = livekit.command('trunk').summary('SIP trunks: how calls leave and enter the project')
  trunk
    .command('list')
    .summary('all trunks, without their passwords')
    .addHelpText('after', help)
    .action(() => listTrunks(open()))
  withSettings(trunk.command('create'))
    .summary('create an outbound trunk, or with --inbound one that lets calls in')
    .description('Creates a trunk on LiveKit and prints its id. A second one for the same line is refused.')
    .option('--inbound', 'let calls in instead of out: takes --name, --number, --allow, --username', false)
    .addOption(
      new Option('--provider <provider>', 'fills in and checks what the carrier wants')
        .choices(['twilio', 'exotel', 'other'])
        .default('other'),
    )
    .addHelpText('after', help)
    .action((options: TrunkOptions & { inbound: boolean }) => {
      const make = options.inbound ? createInboundTrunk : createOutboundTrunk
      return make(open(), { ...options, password: readSipPassword() })
    })
  withSettings(trunk.command('update'))
    .summary('change what is named and keep the rest, the password included')
    .description('Changes what is named and keeps the rest, the password included. Named numbers replace those before.')
    .argument('<id>', "LiveKit's id of the trunk, ST_…")
    .addHelpText('after', help)
    .action((id: string, options: TrunkOptions) => changeTrunk(open(), id, { ...options, password: readSipPassword() }))

  const rule = livekit.command('dispatch-rule').summary('dispatch rules: which room a call comes into')
  rule
    .command('list')
    .summary('all dispatch rules')
    .addHelpText('after', help)
    .action(() => listRules(open()))
  rule
    .command('create')
    .summary('bring the calls of inbound trunks into rooms of their own, inbound-…')
    .description('Brings each call of these inbound trunks into a room of its own. Outdial makes a call of it.')
    .option('--name <name>', 'what it is called', shortName, 'Outdial inbound')
    .requiredOption('--trunk <id>', 'an inbound trunk, ST_…; repeatable', collect(String))
    .addHelpText('after', help)
    .action((options: { name: string; trunk: string[] }) => createRule(open(), options))
  return livekit
}

function withSettings(command: Command): Command {
  return command
    .option('--name <name>', 'what it is called', shortName)
    .option('--address <host>', 'host of the carrier, with a port if it is unusual', sipHost)
    .option('--number <number>', 'with country code; repeatable', collect(e164))
    .addOption(new Option('--transport <transport>', 'how SIP is carried').choices(['auto', 'udp', 'tcp', 'tls']))
    .addOption(new Option('--encryption <mode>', 'of the media (SRTP)').choices(['disable', 'allow', 'require']))
    .option('--username <name>', 'the user for digest authentication; its password is in SIP_AUTH_PASSWORD')
    .option('--header <name=value>', 'a SIP header of every call; repeatable', collect(headerPair))
    .option('--from-host <host>', 'the host in the From header, where the carrier wants its own', sipHost)
    .option('--country <code>', 'two letters; LiveKit Cloud dials from the region nearest to it')
    .option('--allow <address>', 'inbound: an IP address or network calls may come from; repeatable', collect(String))
}

function open(): LiveKit {
  const { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret } = readLiveKitEnvironment()
  return new LiveKit({ url, apiKey, apiSecret })
}
