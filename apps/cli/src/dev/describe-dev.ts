import type { AllInOne } from '../all-in-one.ts'
import type { DevEnvironment } from '../config.ts'
import type { Sample } from './sample.ts'

type Running = { env: DevEnvironment; all: AllInOne; apiKey: string; sample: Sample | null }

/** What somebody who just started everything wants to know, line by line. */
export function describeDev({ env, all, apiKey, sample }: Running): string[] {
  const rows: [string, string][] = [
    ['API', `${all.url}/api/v1`],
    ['Reference', `${all.url}/docs`],
    ['Webhooks', `${env.PUBLIC_URL ?? all.url}/api/livekit/webhook`],
    ['LiveKit', all.simulator ? `${all.livekit.url} (simulator)` : all.livekit.url],
    ...(all.simulator ? [['Calls seen', `${all.livekit.url}/_network/ledger`] as [string, string]] : []),
    ['Database', all.database],
    ['Queue', env.REDIS_URL ? `Redis at ${new URL(env.REDIS_URL).host}` : 'in PostgreSQL'],
    ['API key', apiKey],
  ]
  return [
    ...notesOnPorts(env, all),
    'Outdial is running. Ctrl-C stops it.',
    '',
    ...rows.map(([label, value]) => `  ${label.padEnd(11)}${value}`),
    '',
    ...(sample ? firstCall({ all, apiKey, sample }) : realProject(env)),
    '',
  ]
}

function notesOnPorts(env: DevEnvironment, { port, simulator }: AllInOne): string[] {
  const notes = []
  if (env.PORT === undefined && port !== 3000) notes.push(`Port 3000 is in use, so the API is on ${port}.`)
  if (simulator && env.SIMULATOR_PORT === undefined && simulator.port !== 7880) {
    notes.push(`Port 7880 is in use, so the simulator is on ${simulator.port}.`)
  }
  return notes
}

/** +1 500 555 0001 is a number of the simulator that always answers and is interested. */
function firstCall({ all, apiKey, sample }: { all: AllInOne; apiKey: string; sample: Sample }): string[] {
  const body = JSON.stringify({ phoneNumber: '+15005550001', assistantId: sample.assistant.id })
  return [
    'A first call, to a number that always answers:',
    '',
    `  curl -s ${all.url}/api/v1/outbound-calls/initiate \\`,
    `    -H 'x-api-key: ${apiKey}' -H 'content-type: application/json' \\`,
    `    -d '${body}'`,
    '',
    'A whole campaign: npm run demo',
  ]
}

function realProject(env: DevEnvironment): string[] {
  const reached = env.PUBLIC_URL
    ? 'Set the address of the webhooks above in the settings of your LiveKit project.'
    : 'LiveKit has to reach the webhooks: set PUBLIC_URL to an address it can reach (a tunnel will do), and that\n' +
      'address with /api/livekit/webhook in the settings of your LiveKit project.'
  return [reached, 'Calls on this project ring real telephones.']
}
