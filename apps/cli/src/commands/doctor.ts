import { LiveKit } from '@outdial/telephony/livekit'
import { createTwilioRest } from '@outdial/telephony/twilio-rest'
import { Command } from 'commander'
import { createApiClient } from '../api/client.ts'
import { checkDatabase, checkQueue } from '../doctor/check-database.ts'
import { checkInstallation } from '../doctor/check-installation.ts'
import { checkAgent, checkLiveKit } from '../doctor/check-livekit.ts'
import { checkPublicUrl } from '../doctor/check-public-url.ts'
import { checkRecordings } from '../doctor/check-recordings.ts'
import { checkTwilio } from '../doctor/check-twilio.ts'
import { type DoctorEnvironment, readDoctorEnvironment, readRecordingSettings } from '../doctor/config.ts'
import { examine, type Finding, type Tell } from '../doctor/finding.ts'
import { wholeNumber } from '../options.ts'
import { UsageError } from '../usage-error.ts'

const help = `
Looks at whatever the environment names: DATABASE_URL, REDIS_URL, LIVEKIT_URL with its key and secret, PUBLIC_URL,
OUTDIAL_URL with OUTDIAL_API_KEY, LIVEKIT_EGRESS_S3_…, TWILIO_ACCOUNT_SID with its token and number, JWT_SECRET,
JWKS_URL, and the form of the rest. Run it with the environment of the roles. It changes nothing; with --agent it makes
a room and takes it away again.
The exit code is 1 when something is wrong. Marks: ✓ works, ✗ wrong, ! worth a look, - not looked at.`

export function doctorCommand(): Command {
  return new Command('doctor')
    .summary('check every credential, address and webhook')
    .description('Checks what an installation is configured with, and says what is wrong and what to do.')
    .option('--agent <name>', 'send for this agent, and see whether it comes')
    .option('--wait <seconds>', 'how long to wait for it', wholeNumber({ min: 1, max: 300 }), 20)
    .addHelpText('after', help)
    .action(runDoctor)
}

type Options = { agent?: string; wait: number }

async function runDoctor(options: Options): Promise<void> {
  const env = readDoctorEnvironment()
  let wrong = 0
  for (const checks of planChecks(env, options)) {
    for (const finding of await checks()) {
      process.stdout.write(lineOf(finding))
      if (finding.level === 'wrong') wrong += 1
    }
  }
  if (wrong > 0) throw new SomethingIsWrong(wrong === 1 ? 'One thing is wrong.' : `${wrong} things are wrong.`)
}

class SomethingIsWrong extends Error {}

const marks = { good: '✓', doubt: '!', wrong: '✗', open: '-' } as const

function lineOf({ level, about, text }: Finding): string {
  return `${marks[level]} ${about.padEnd(10)} ${text}\n`
}

type Check = () => Promise<Finding[]>

/** One after the other, so that what is said stands in order and one cause is seen before its consequences. */
function planChecks({ values, wrong }: DoctorEnvironment, { agent, wait }: Options): Check[] {
  const { DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, PUBLIC_URL: url, JWKS_URL: jwksUrl } = values
  const keys = keysOf(values)
  const project = keys && values.LIVEKIT_URL ? { url: values.LIVEKIT_URL, ...keys } : null
  const livekit = project && new LiveKit(project)
  if (agent && !livekit) throw new UsageError('--agent needs LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET.')
  const when = (
    about: keyof typeof nextSteps,
    needed: string,
    check: ((tell: Tell) => Promise<void>) | false,
  ): Check => {
    const skip = async (tell: Tell) => tell('open', `not looked at: set ${needed}`)
    return () => examine({ about, next: nextSteps[about] }, check || skip)
  }
  const defaults = { trunkId: values.LIVEKIT_SIP_OUTBOUND_TRUNK_ID, fromNumber: values.LIVEKIT_SIP_FROM_NUMBER }
  const queue = databaseUrl && { databaseUrl, redisUrl }
  const twilio = twilioOf(values)
  const phoneNumber = values.TWILIO_PHONE_NUMBER
  const client = values.OUTDIAL_API_KEY
    ? createApiClient({ url: values.OUTDIAL_URL ?? 'http://127.0.0.1:3000', apiKey: values.OUTDIAL_API_KEY })
    : null
  return [
    ...wrong.map(
      ({ name, advice }) =>
        () =>
          examine({ about: 'variable', next: '' }, async (tell) => tell('wrong', `${name}: ${advice}`)),
    ),
    when('database', 'DATABASE_URL', !!databaseUrl && ((tell) => checkDatabase(databaseUrl, tell))),
    when('queue', 'DATABASE_URL', !!queue && ((tell) => checkQueue(queue, tell))),
    when('livekit', livekitNames, !!livekit && ((tell) => checkLiveKit(livekit, defaults, tell))),
    when('public', 'PUBLIC_URL', !!url && ((tell) => checkPublicUrl(url, keys, tell))),
    when('api', 'OUTDIAL_API_KEY', !!client && ((tell) => checkInstallation(client, livekit, tell))),
    when(
      'recordings',
      livekitNames,
      !!project && (async (tell) => checkRecordings(readRecordingSettings(), project, tell)),
    ),
    when('twilio', twilioNames, !!twilio && ((tell) => checkTwilio(twilio, { phoneNumber, livekit }, tell))),
    ...(jwksUrl ? [when('tokens', '', (tell) => checkKeySet(jwksUrl, tell))] : []),
    ...(agent && livekit
      ? [when('agent', '', (tell) => checkAgent(livekit, { agentName: agent, patienceMs: wait * 1_000 }, tell))]
      : []),
  ]
}

/** What to do about an error that does not say so itself. */
const nextSteps = {
  database: 'Start PostgreSQL, or correct DATABASE_URL.',
  queue: 'Start what DATABASE_URL and REDIS_URL name, run the migrations, or correct the two.',
  livekit: 'Correct LIVEKIT_URL.',
  public: 'Correct PUBLIC_URL, its name in the DNS, or the proxy there; it is asked from this machine.',
  api: 'Correct OUTDIAL_URL, or start the API.',
  recordings: 'Correct LIVEKIT_EGRESS_S3_ENDPOINT, LIVEKIT_EGRESS_S3_BUCKET and LIVEKIT_EGRESS_S3_REGION.',
  twilio: 'Check the network.',
  tokens: 'Correct JWKS_URL.',
  agent: 'Check LiveKit.',
}

const livekitNames = 'LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET'
const twilioNames = 'TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN, if you use Twilio'

type Values = DoctorEnvironment['values']

function keysOf({ LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret }: Values) {
  return apiKey && apiSecret ? { apiKey, apiSecret } : null
}

function twilioOf(values: Values) {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = values
  if (!accountSid || !authToken) return null
  const urls = { apiUrl: values.TWILIO_API_URL, trunkingUrl: values.TWILIO_TRUNKING_URL }
  return createTwilioRest({ accountSid, authToken, ...urls })
}

/** Where the identity provider shows its public keys. */
async function checkKeySet(url: string, tell: Tell): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(5_000) })
  const body: unknown = await response.json().catch(() => null)
  const keys = typeof body === 'object' && body !== null && 'keys' in body ? body.keys : null
  if (Array.isArray(keys) && keys.length > 0) tell('good', `${new URL(url).host} shows ${keys.length} keys for tokens`)
  else tell('wrong', `${url} is no JSON Web Key Set (HTTP ${response.status}). Correct JWKS_URL.`)
}
