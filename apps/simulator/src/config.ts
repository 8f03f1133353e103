import { Command, InvalidArgumentError, Option } from 'commander'
import type { SimulatorOptions } from './simulator.ts'

/**
 * Reads options from the command line and, where they are missing there, from the environment.
 * A wrong value ends the process with a message that names the option.
 */
export function readConfig(argv: string[]): SimulatorOptions {
  const program = new Command('simulator')
    .description('A LiveKit project and a telephone network in one process')
    .addOption(number('--port <port>', 'port to listen on, 0 = any free one', 0).env('SIMULATOR_PORT').default(7880))
    .addOption(new Option('--host <host>', 'address to listen on').env('SIMULATOR_HOST').default('127.0.0.1'))
    .addOption(number('--speed <factor>', 'simulated seconds per second').env('CLOCK_SPEED').default(1))
    .addOption(number('--origin <ms>', 'when simulated time begins (ms epoch)', 0).env('CLOCK_ORIGIN'))
    .addOption(number('--start <ms>', 'what it shows then, if not the same (ms epoch)', 0).env('CLOCK_START'))
    .addOption(number('--seed <number>', 'what decides the luck of the numbers', 0).env('SIMULATOR_SEED').default(1))
    .addOption(new Option('--api-key <key>').env('LIVEKIT_API_KEY').default('devkey'))
    .addOption(
      new Option('--api-secret <secret>').env('LIVEKIT_API_SECRET').default('devsecret-of-the-outdial-simulator'),
    )
    .addOption(urls('--webhook-url <urls...>', 'where LiveKit webhooks go').env('SIMULATOR_WEBHOOK_URLS').default([]))
    .addOption(new Option('--trunk-id <id>', 'an outbound trunk that exists').env('LIVEKIT_SIP_OUTBOUND_TRUNK_ID'))
    .addOption(new Option('--trunk-address <host>').env('SIMULATOR_TRUNK_ADDRESS').default('sip.simulator.test'))
    .addOption(new Option('--from-number <number>').env('LIVEKIT_SIP_FROM_NUMBER').default('+12125550100'))
    .addOption(new Option('--twilio-auth-token <token>').env('TWILIO_AUTH_TOKEN'))
    .addOption(new Option('--twilio-status-url <url>').env('TWILIO_STATUS_CALLBACK_URL'))
    .addOption(new Option('--twilio-recording-url <url>').env('TWILIO_RECORDING_CALLBACK_URL'))
    .parse(withoutSeparator(argv))
  return toOptions(program.opts())
}

type Values = {
  port: number
  host: string
  speed: number
  origin?: number
  start?: number
  seed: number
  apiKey: string
  apiSecret: string
  webhookUrl: string[]
  trunkId?: string
  trunkAddress: string
  fromNumber: string
  twilioAuthToken?: string
  twilioStatusUrl?: string
  twilioRecordingUrl?: string
}

function toOptions(values: Values): SimulatorOptions {
  const { port, host, speed, seed, apiKey, apiSecret, trunkId, twilioAuthToken, twilioStatusUrl } = values
  const trunk = { address: values.trunkAddress, numbers: [values.fromNumber], name: 'simulator' }
  const sendsTwilio = twilioAuthToken && twilioStatusUrl
  return {
    port,
    host,
    speed,
    clockOriginMs: values.origin ?? Date.now(),
    clockStartMs: values.start,
    seed,
    apiKey,
    apiSecret,
    webhookUrls: values.webhookUrl,
    trunks: trunkId ? [{ sipTrunkId: trunkId, ...trunk }] : [],
    twilio: sendsTwilio
      ? {
          authToken: twilioAuthToken,
          statusCallbackUrl: twilioStatusUrl,
          recordingCallbackUrl: values.twilioRecordingUrl,
        }
      : undefined,
  }
}

function number(flags: string, description: string, least = Number.MIN_VALUE): Option {
  return new Option(flags, description).argParser((text: string) => {
    const value = Number(text)
    if (text.trim() === '' || !Number.isFinite(value) || value < least) {
      throw new InvalidArgumentError(least === 0 ? 'Give a number from 0 up.' : 'Give a number greater than 0.')
    }
    return value
  })
}

function urls(flags: string, description: string): Option {
  return new Option(flags, description).argParser((text: string, previous: string[]) => {
    const given = text.split(',').map((each) => each.trim())
    const wrong = given.find((each) => !URL.canParse(each))
    if (wrong !== undefined) throw new InvalidArgumentError(`"${wrong}" is no URL.`)
    return [...previous, ...given]
  })
}

// `pnpm start -- --port 1` hands the separator on to the script
function withoutSeparator(argv: string[]): string[] {
  return argv[2] === '--' ? argv.toSpliced(2, 1) : argv
}
