import { readConfig } from './config.ts'
import { consoleLog, describeError } from './log.ts'
import { type Simulator, startSimulator } from './simulator.ts'

const options = readConfig(process.argv)
try {
  const simulator = await startSimulator({ ...options, log: consoleLog })
  announce(simulator)
  stopOnSignal(simulator)
} catch (error) {
  process.stderr.write(`The simulator did not start: ${describeError(error)}\n`)
  process.exitCode = 1
}

function announce(simulator: Simulator) {
  const { apiKey, apiSecret, speed, seed, webhookUrls, trunks = [] } = options
  const lines = [
    `LIVEKIT_URL=${simulator.url}`,
    `LIVEKIT_API_KEY=${apiKey}`,
    `LIVEKIT_API_SECRET=${apiSecret}`,
    ...trunks.map(({ sipTrunkId }) => `LIVEKIT_SIP_OUTBOUND_TRUNK_ID=${sipTrunkId}`),
    `CLOCK_SPEED=${speed}`,
    `CLOCK_ORIGIN=${options.clockOriginMs}`,
    ...(options.clockStartMs === undefined ? [] : [`CLOCK_START=${options.clockStartMs}`]),
    '',
    `seed ${seed}, webhooks to ${webhookUrls.join(', ') || 'nobody (PUT /_network/webhooks)'}`,
    `control and ledger: ${simulator.url}/_network`,
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
}

// a second signal ends the process at once, as nothing listens any more
function stopOnSignal(simulator: Simulator) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void simulator.close())
}
