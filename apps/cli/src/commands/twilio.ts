import { randomBytes } from 'node:crypto'
import { createTwilioRest } from '@outdial/telephony/twilio-rest'
import { setUpTwilioTrunk, type TwilioStep } from '@outdial/telephony/twilio-trunk'
import { Command } from 'commander'
import { readSipPassword, readTwilioEnvironment } from '../set-up/config.ts'
import { describeTwilioTrunk } from '../set-up/describe-twilio-trunk.ts'
import { collect, e164, pstnDomain, shortName, sipHost } from '../set-up/options.ts'
import { UsageError } from '../usage-error.ts'

type Options = {
  name: string
  domain?: string
  number: string[]
  sipHost?: string
  username: string
  newPassword: boolean
  secure: boolean
  transfers: boolean
  dryRun: boolean
}

const help = `
Environment:
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
                       of the account, as its console shows them; required
  TWILIO_PHONE_NUMBER  the number, where no --number is given
  SIP_AUTH_PASSWORD    the password for the trunk's user; one is made and shown once if missing

Run again, it finds what is there, completes what is missing and changes what differs. It removes nothing.
It was tried against a stand-in of Twilio's API, never yet against a live account: look at --dry-run first.`

export function twilioCommand(): Command {
  const twilio = new Command('twilio').summary('set up Twilio').description('Sets up Twilio for LiveKit.')
  twilio
    .command('setup')
    .summary('make an Elastic SIP trunk for LiveKit, or complete one')
    .description(
      'Makes an Elastic SIP trunk with credentials and your numbers, and prints what LiveKit needs to call through it. ' +
        'With --sip-host it also sends inbound calls to LiveKit.',
    )
    .option('--name <name>', 'what trunk and credential list are called, and found by', shortName, 'Outdial')
    .option('--domain <name>', 'the part before .pstn.twilio.com (default: outdial-… from the account SID)', pstnDomain)
    .option('--number <number>', 'a number of the account, with country code; repeatable', collect(e164), [])
    .option('--sip-host <host>', "LiveKit's SIP host for inbound calls, such as abc123.sip.livekit.cloud", sipHost)
    .option('--username <name>', 'the user with whom LiveKit calls out', 'outdial')
    .option('--new-password', 'give that user a new password', false)
    .option('--secure', 'TLS and SRTP only', false)
    .option('--no-transfers', 'leave call transfer (SIP REFER) as it is, instead of allowing it')
    .option('--dry-run', 'tell what would be done, and change nothing', false)
    .addHelpText('after', help)
    .action(setUp)
  return twilio
}

async function setUp(options: Options): Promise<void> {
  const env = readTwilioEnvironment()
  const own = env.TWILIO_PHONE_NUMBER ? [env.TWILIO_PHONE_NUMBER] : []
  const numbers = options.number.length > 0 ? options.number : own
  if (numbers.length === 0) throw new UsageError('No number is named. Add --number, or set TWILIO_PHONE_NUMBER.')
  const given = readSipPassword()
  if (given !== undefined && !isStrong(given)) {
    throw new UsageError('SIP_AUTH_PASSWORD is too weak for Twilio. Use 12 characters or more: A-Z, a-z and digits.')
  }
  const password = given ?? `${randomBytes(18).toString('base64url')}Aa1`
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = env
  const rest = createTwilioRest({
    ...{ accountSid, authToken, apiUrl: env.TWILIO_API_URL, trunkingUrl: env.TWILIO_TRUNKING_URL },
  })
  const { name, domain, username, newPassword, secure, transfers, dryRun: isDryRun } = options
  const trunk = await setUpTwilioTrunk(
    rest,
    {
      ...{ name, domain, numbers, username, password, isPasswordNew: newPassword },
      ...{ inboundHost: options.sipHost ?? null, isSecure: secure, isTransferEnabled: transfers },
    },
    { isDryRun, tell: (step) => process.stderr.write(lineOf(step)) },
  )
  const shown = { trunk, name, numbers, username, isInbound: options.sipHost !== undefined }
  if (isDryRun) process.stderr.write('Nothing was changed. Without --dry-run these steps are carried out.\n')
  else process.stdout.write(describeTwilioTrunk({ ...shown, madePassword: given === undefined ? password : null }))
}

const marks = { there: '=', create: '+', change: '~', note: '!' } as const

function lineOf({ kind, text }: TwilioStep): string {
  return `${marks[kind]} ${text}\n`
}

function isStrong(password: string): boolean {
  return password.length >= 12 && [/[A-Z]/, /[a-z]/, /\d/].every((kind) => kind.test(password))
}
