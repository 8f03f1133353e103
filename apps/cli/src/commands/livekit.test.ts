import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { LiveKit } from '@outdial/telephony/livekit'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommand } from '../testing/run-command.ts'

const keys = { apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters!!' }
const password = 'Long-enough-password-1'

let simulator: Simulator
let livekit: LiveKit
beforeEach(async () => {
  simulator = await startSimulator({ port: 0, speed: 1, clockOriginMs: Date.now(), seed: 1, webhookUrls: [], ...keys })
  livekit = new LiveKit({ url: simulator.url, ...keys })
})
afterEach(() => simulator.close())

function run(line: string, env: Record<string, string> = {}) {
  const project = { LIVEKIT_URL: simulator.url, LIVEKIT_API_KEY: keys.apiKey, LIVEKIT_API_SECRET: keys.apiSecret }
  return runCommand(['livekit', ...line.split(' ')], { ...project, ...env })
}

const outbound =
  'trunk create --provider twilio --address sip:acme.pstn.twilio.com --number +1(415)555-0100 --number +14155550101'

test('an outbound trunk is created, listed without its password, and changed', async () => {
  const login = { SIP_AUTH_PASSWORD: password }
  const made = await run(`${outbound} --username outdial --header X-Account-Code=4711 --transport tls`, login)
  expect(made).toMatchObject({ code: 0, stdout: expect.stringMatching(/^ST_\w+\n$/) })
  const id = made.stdout.trim()
  expect(await livekit.listOutboundTrunks()).toMatchObject([
    {
      livekitTrunkId: id,
      address: 'acme.pstn.twilio.com',
      numbers: ['+14155550100', '+14155550101'],
      transport: 'tls',
      authUsername: 'outdial',
      hasPassword: true,
      headers: { 'X-Account-Code': '4711' },
    },
  ])
  const listed = await run('trunk list')
  expect(listed.stdout).toMatch(
    new RegExp(`^${id} +out +Outdial +\\+14155550100 \\+14155550101 +acme.*tls +outdial$`, 'm'),
  )
  expect(made.stdout + made.stderr + listed.stdout).not.toContain(password)

  const changed = await run(`trunk update ${id} --number +14155550102 --from-host acme.example.com`)
  expect(changed).toMatchObject({ code: 0, stdout: `${id} is changed.\n` })
  expect(await livekit.listOutboundTrunks()).toMatchObject([
    { numbers: ['+14155550102'], fromHost: 'acme.example.com', hasPassword: true, name: 'Outdial' },
  ])
})

test('an inbound trunk and its rule bring calls into rooms of their own', async () => {
  const trunk = await run('trunk create --inbound --number +14155550100 --allow 203.0.113.0/24')
  expect(trunk.code).toBe(0)
  const id = trunk.stdout.trim()
  expect(trunk.stderr).toContain(`dispatch-rule create --trunk ${id}`)
  expect(await livekit.inbound.listTrunks()).toMatchObject([
    { livekitTrunkId: id, numbers: ['+14155550100'], allowedAddresses: ['203.0.113.0/24'] },
  ])
  const rule = await run(`dispatch-rule create --trunk ${id} --name Sales`)
  expect(rule).toMatchObject({ code: 0, stdout: expect.stringMatching(/^SDR_\w+\n$/) })
  expect(rule.stderr).toContain(`"livekitInboundTrunkId": "${id}"`)
  expect(await livekit.inbound.listRules()).toMatchObject([
    { name: 'Sales', livekitTrunkIds: [id], roomPrefix: 'inbound-' },
  ])
  expect((await run('dispatch-rule list')).stdout).toMatch(new RegExp(`^SDR_\\w+ +Sales +inbound-… +${id}$`, 'm'))
  expect((await run(`trunk update ${id} --number +14155550109 --allow 0.0.0.0/0`)).code).toBe(0)
  expect(await livekit.inbound.listTrunks()).toMatchObject([
    { numbers: ['+14155550109'], allowedAddresses: ['0.0.0.0/0'] },
  ])
  expect((await run('trunk list')).stdout).toMatch(new RegExp(`^${id} +in +Outdial inbound +\\+14155550109 +from`, 'm'))
})

const wrong: [string, RegExp][] = [
  ['trunk create --number +14155550100', /--address must be/],
  ['trunk create --address sip.example.com', /Add --number/],
  ['trunk create --address sip.example.com --number 4155550100', /--number.*country code/],
  ['trunk create --provider twilio --address sip.example.com --number +14155550100', /--address.*pstn\.twilio\.com/],
  ['trunk create --address sip.example.com --number +14155550100 --username me', /SIP_AUTH_PASSWORD.*of me/],
  ['trunk create --address sip.example.com --number +14155550100 --allow 1.2.3.4', /--allow is for inbound/],
  ['trunk create --inbound --number +14155550100 --from-host example.com', /--from-host is not for inbound/],
  ['trunk create --address https://example.com --number +14155550100', /--address.*Use a host/],
  ['trunk create --header nonsense', /--header.*NAME=VALUE/],
  ['trunk update ST_none', /Nothing is named/],
  ['dispatch-rule create --trunk ST_none', /ST_none is not an inbound trunk/],
  ['dispatch-rule create', /required option '--trunk/],
]
test.each(wrong)('livekit %s is refused, and nothing is made', async (line, expected) => {
  const { code, stdout, stderr } = await run(line)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(expected)
  expect([...(await livekit.listOutboundTrunks()), ...(await livekit.inbound.listTrunks())]).toEqual([])
})

test('a second trunk or rule for the same line is refused and names the first', async () => {
  const id = (await run(outbound)).stdout.trim()
  const again = await run('trunk create --address acme.pstn.twilio.com --number +14155550101')
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining(`trunk update ${id}`) })
  const inbound = (await run('trunk create --inbound --number +14155550100')).stdout.trim()
  expect((await run('trunk create --inbound --number +14155550100')).stderr).toContain(`trunk update ${inbound}`)
  const rule = (await run(`dispatch-rule create --trunk ${inbound}`)).stdout.trim()
  expect((await run(`dispatch-rule create --trunk ${inbound}`)).stderr).toContain(rule)
  expect(await livekit.inbound.listRules()).toHaveLength(1)
})

test('what LiveKit refuses is explained', async () => {
  expect(await run('trunk update ST_none --name Other')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('ST_none'),
  })
  const stranger = await run('trunk list', { LIVEKIT_API_SECRET: 'another-secret-of-at-least-32-characters' })
  expect(stranger).toMatchObject({ code: 1, stderr: expect.stringContaining('LIVEKIT_API_SECRET') })
  const unset = await run('trunk list', { LIVEKIT_URL: '' })
  expect(unset).toMatchObject({ code: 2, stderr: expect.stringContaining('LIVEKIT_URL is not set') })
})
