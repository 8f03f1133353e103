import { randomBytes } from 'node:crypto'
import { createTwilioRest, type TwilioRest } from '@outdial/telephony/twilio-rest'
import { setUpTwilioTrunk, type TwilioStep, type TwilioTrunkWish } from '@outdial/telephony/twilio-trunk'
import { Command } from 'commander'
import { type ApiClient, createApiClient } from '../api/client.ts'
import { readClientEnvironment } from '../config.ts'
import { readSipPassword, readTwilioEnvironment } from '../set-up/config.ts'
import { describeTwilioTrunk } from '../set-up/describe-twilio-trunk.ts'
import { collect, e164, pstnDomain, shortName, sipHost } from '../set-up/options.ts'
import { findRegistered, registerTrunk } from '../set-up/register-trunk.ts'
import { UsageError } from '../usage-error.ts'

type Options = {
  name: string
  domain?: string
  number?: string[]
  sipHost?: string
  username: string
  newPassword: boolean
  secure: boolean
  transfers: boolean
  register: boolean
  dryRun: boolean
}

const help = `
Environment:
  TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN
                       of the account, as its console shows them; required
  TWILIO_PHONE_NUMBER  the number, where no --number is given
  SIP_AUTH_PASSWORD    the password for the trunk's user; one is made and shown once if missing
  OUTDIAL_URL, OUTDIAL_API_KEY
                       the running installation, for --register

Run again, it finds what is there, completes what is missing and changes what differs. It removes nothing.
It was tried against a stand-in of Twilio's API, never yet against a live account: look at --dry-run first.`

export function twilioCommand(): Command {
  const twilio = new Command('twilio').summary('set up Twilio').description('Sets up Twilio for LiveKit.')
  twilio
    .command('setup')
    .summary('make an Elastic SIP trunk for LiveKit, or complete one')
    .description(
      'Makes an Elastic SIP trunk with credentials and your numbers, and prints what LiveKit needs to call through it. ' +
        'With --register Outdial tells LiveKit. With --sip-host inbound calls go to LiveKit.',
    )
    .option('--name <name>', 'what trunk and credential list are called, and found by', shortName, 'Outdial')
    .option('--domain <name>', 'the part before .pstn.twilio.com (default: outdial-… from the account SID)', pstnDomain)
    .option('--number <number>', 'a number of the account, with country code; repeatable', collect(e164))
    .option('--sip-host <host>', "LiveKit's SIP host for inbound calls, such as abc123.sip.livekit.cloud", sipHost)
    .option('--username <name>', 'the user with whom LiveKit calls out', 'outdial')
    .option('--new-password', 'give that user a new password', false)
    .option('--secure', 'TLS and SRTP only', false)
    .option('--no-transfers', 'leave call transfer (SIP REFER) as it is, instead of allowing it')
    .option('--register', 'have Outdial at OUTDIAL_URL make the trunk on LiveKit, and print its id', false)
    .option('--dry-run', 'tell what would be done, and change nothing', false)
    .addHelpText('after', help)
    .action(setUp)
  return twilio
}

async function setUp(options: Options): Promise<void> {
  const { dryRun: isDryRun, register, sipHost } = options
  const { rest, wish, isPasswordMade } = readWish(options)
  const tell = (step: TwilioStep) => void process.stderr.write(lineOf(step))
  const client = register ? openClient() : null
  // Asked before anything is changed at Twilio.
  const registered = client ? await findRegistered(client) : []
  const trunk = await setUpTwilioTrunk(rest, wish, { isDryRun, tell })
  const { name, numbers, username } = wish
  const shown = { name, numbers, username, address: trunk.address, isSecure: trunk.isSecure }
  const password = trunk.isPasswordSet ? wish.password : null
  if (client) {
    const id = await registerTrunk({ ...shown, password }, { client, registered, isDryRun, tell })
    if (id) process.stdout.write(`${id}\n`)
  } else if (!isDryRun) {
    const about = { isPasswordKnown: password !== null, madePassword: isPasswordMade ? password : null }
    process.stdout.write(describeTwilioTrunk({ ...shown, ...about, isInbound: sipHost !== undefined }))
  }
  if (isDryRun) process.stderr.write('Nothing was changed. Without --dry-run these steps are carried out.\n')
}

function readWish(options: Options): { rest: TwilioRest; wish: TwilioTrunkWish; isPasswordMade: boolean } {
  const env = readTwilioEnvironment()
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken, TWILIO_PHONE_NUMBER: ownNumber } = env
  const numbers = options.number ?? (ownNumber ? [ownNumber] : [])
  if (numbers.length === 0) throw new UsageError('No number is named. Add --number, or set TWILIO_PHONE_NUMBER.')
  const given = readSipPassword()
  if (given !== undefined && !isStrong(given)) {
    throw new UsageError('SIP_AUTH_PASSWORD is too weak for Twilio. Use 12 characters or more: A-Z, a-z and digits.')
  }
  const password = given ?? `${randomBytes(18).toString('base64url')}Aa1`
  const { name, domain, username, newPassword, secure, transfers } = options
  const urls = { apiUrl: env.TWILIO_API_URL, trunkingUrl: env.TWILIO_TRUNKING_URL }
  return {
    rest: createTwilioRest({ accountSid, authToken, ...urls }),
    wish: {
      ...{ name, domain, numbers, username, password, isPasswordNew: newPassword },
      ...{ inboundHost: options.sipHost ?? null, isSecure: secure, isTransferEnabled: transfers },
    },
    isPasswordMade: given === undefined,
  }
}

function openClient(): ApiClient {
  const { OUTDIAL_URL: url, OUTDIAL_API_KEY: apiKey } = readClientEnvironment()
  return createApiClient({ url, apiKey })
}

const marks = { there: '=', create: '+', change: '~', note: '!' } as const

function lineOf({ kind, text }: TwilioStep): string {
  return `${marks[kind]} ${text}\n`
}

function isStrong(password: string): boolean {
  return password.length >= 12 && [/[A-Z]/, /[a-z]/, /\d/].every((kind) => kind.test(password))
}
