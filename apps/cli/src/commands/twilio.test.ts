import { startTwilioAccount } from '@outdial/telephony/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { runCommand } from '../testing/run-command.ts'

let account: Awaited<ReturnType<typeof startTwilioAccount>>
beforeEach(async () => {
  account = await startTwilioAccount()
})
afterEach(() => account.close())

const setup = (args: string, env: Record<string, string> = {}) =>
  runCommand(['twilio', 'setup', ...args.split(' ').filter(Boolean)], { ...account.env, ...env })

const wholeSetup = '--number +14155550100 --sip-host sip:Abc.sip.livekit.cloud;transport=udp'

test('a dry run explains every step and changes nothing', async () => {
  const { code, stdout, stderr } = await setup(`${wholeSetup} --dry-run`)
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr.split('\n').map((line) => line.slice(0, 20))).toEqual([
    '= account Acme (AC01',
    '+ trunk Outdial: Fri',
    '+ credential list Ou',
    '+ user outdial',
    '+ credential list Ou',
    '+ inbound calls to s',
    '+ number +1415555010',
    'Nothing was changed.',
    '',
  ])
  expect(account.writes()).toEqual([])
})

test('the password that was made is the one at Twilio, and it is printed once', async () => {
  const first = await setup(wholeSetup)
  expect(first.code).toBe(0)
  const [list] = account.rows('{account}/SIP/CredentialLists')
  const [user] = account.rows(`{account}/SIP/CredentialLists/${list?.sid}/Credentials`)
  expect(first.stdout).toContain(`export SIP_AUTH_PASSWORD='${String(user?.password)}'`)
  expect(first.stdout).toContain('--address outdial-6789abcdef.pstn.twilio.com')
  expect(first.stdout).toContain('POST /api/v1/phone-numbers')
  expect(first.stderr).not.toContain(String(user?.password))

  const again = await setup('', { TWILIO_PHONE_NUMBER: '+14155550100' })
  expect(again.code).toBe(0)
  expect(again.stderr).not.toMatch(/^[+~]/m)
  expect(again.stdout).toMatch(/--new-password/)
  expect(again.stdout).not.toContain('phone-numbers')
})

test('a password of your own is used and not repeated', async () => {
  const { code, stdout, stderr } = await setup(`${wholeSetup} --secure`, { SIP_AUTH_PASSWORD: 'My-own-password-1' })
  expect(code).toBe(0)
  expect(stdout + stderr).not.toContain('My-own-password-1')
  expect(stdout).toContain('--transport tls --encryption require')
  const [trunk] = account.rows('/v1/Trunks')
  expect(account.rows(`/v1/Trunks/${trunk?.sid}/OriginationUrls`)).toMatchObject([
    { sip_url: 'sip:abc.sip.livekit.cloud;transport=tls' },
  ])
})

test('what makes no sense is refused with what would', async () => {
  const weak = await setup(wholeSetup, { SIP_AUTH_PASSWORD: 'short' })
  expect(weak).toMatchObject({ code: 2, stderr: expect.stringContaining('12 characters') })
  expect(await setup('')).toMatchObject({ code: 2, stderr: expect.stringContaining('--number') })
  const stranger = await setup(wholeSetup, { TWILIO_AUTH_TOKEN: 'wrong-token' })
  expect(stranger).toMatchObject({ code: 1, stderr: expect.stringContaining('TWILIO_AUTH_TOKEN') })
  expect(stranger.stderr).not.toContain('wrong-token')
  const unset = await setup(wholeSetup, { TWILIO_ACCOUNT_SID: 'AC1' })
  expect(unset).toMatchObject({ code: 2, stderr: expect.stringContaining('TWILIO_ACCOUNT_SID is not valid') })
  expect(account.writes()).toEqual([])
})
