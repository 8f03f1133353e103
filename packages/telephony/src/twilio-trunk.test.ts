import { afterEach, beforeEach, expect, test } from 'vitest'
import { startTwilioAccount } from './testing/twilio-account.ts'
import { createTwilioRest } from './twilio-rest.ts'
import { setUpTwilioTrunk, type TwilioStep, type TwilioTrunkWish } from './twilio-trunk.ts'

let account: Awaited<ReturnType<typeof startTwilioAccount>>
beforeEach(async () => {
  account = await startTwilioAccount({ numbers: ['+14155550100', '+14155550101', '+14155550102'] })
})
afterEach(() => account.close())

const plain: TwilioTrunkWish = {
  name: 'Outdial',
  numbers: ['+14155550100', '+14155550102'],
  username: 'outdial',
  password: 'Long-enough-password-1',
  isPasswordNew: false,
  inboundHost: 'abc.sip.livekit.cloud',
  isSecure: false,
  isTransferEnabled: true,
}

async function setUp(changes: Partial<TwilioTrunkWish> = {}, { isDryRun = false } = {}) {
  const steps: TwilioStep[] = []
  const wish = { ...plain, ...changes }
  const trunk = await setUpTwilioTrunk(createTwilioRest(account.connection), wish, {
    isDryRun,
    tell: (step) => steps.push(step),
  })
  return { trunk, steps, kinds: steps.map(({ kind }) => kind) }
}

test('makes a trunk with user, numbers and the way for inbound calls', async () => {
  const { trunk, kinds } = await setUp()
  expect(trunk).toMatchObject({ address: 'outdial-6789abcdef.pstn.twilio.com', isSecure: false, isPasswordSet: true })
  expect(kinds).toEqual(['there', ...Array(7).fill('create')])
  expect(account.rows('/v1/Trunks')).toMatchObject([
    {
      sid: trunk.sid,
      friendly_name: 'Outdial',
      domain_name: trunk.address,
      transfer_mode: 'enable-all',
      secure: false,
    },
  ])
  expect(account.rows(`/v1/Trunks/${trunk.sid}/CredentialLists`)).toHaveLength(1)
  const [list] = account.rows('{account}/SIP/CredentialLists')
  expect(account.rows(`{account}/SIP/CredentialLists/${list?.sid}/Credentials`)).toMatchObject([
    { username: 'outdial', password: plain.password },
  ])
  expect(account.rows(`/v1/Trunks/${trunk.sid}/OriginationUrls`)).toMatchObject([
    { sip_url: 'sip:abc.sip.livekit.cloud;transport=tcp', enabled: true },
  ])
  const numbers = account.rows(`/v1/Trunks/${trunk.sid}/PhoneNumbers`)
  expect(numbers.map((row) => row.phone_number)).toEqual(plain.numbers)
})

test('run again, it changes nothing', async () => {
  await setUp()
  const writes = account.writes().length
  const { trunk, kinds } = await setUp()
  expect(new Set(kinds)).toEqual(new Set(['there']))
  expect(trunk).toMatchObject({ address: 'outdial-6789abcdef.pstn.twilio.com', isPasswordSet: false })
  expect(account.writes()).toHaveLength(writes)
})

test('a dry run tells the same steps and writes nothing, also where half of it is there', async () => {
  expect((await setUp({}, { isDryRun: true })).kinds).toEqual(['there', ...Array(7).fill('create')])
  expect(account.writes()).toEqual([])
  await setUp({ numbers: [] })
  const writes = account.writes().length
  const told = await setUp({ isSecure: true, isPasswordNew: true }, { isDryRun: true })
  expect(account.writes()).toHaveLength(writes)
  expect((await setUp({ isSecure: true, isPasswordNew: true })).steps).toEqual(told.steps)
})

test.each([1, 2, 3, 4, 5, 6, 7])('what broke off at step %i is completed by the next run', async (step) => {
  account.refuseWrite(step, { status: 503, code: 20503, message: 'Service unavailable' })
  await expect(setUp()).rejects.toThrow(/failed.*Service unavailable.*later/)
  const { trunk } = await setUp()
  expect(account.writes()).toHaveLength(8)
  expect(account.rows('/v1/Trunks')).toHaveLength(1)
  expect(account.rows('{account}/SIP/CredentialLists')).toHaveLength(1)
  expect(account.rows(`/v1/Trunks/${trunk.sid}/PhoneNumbers`)).toHaveLength(2)
})

test('changes what differs: security, the way for inbound calls, a new password', async () => {
  await setUp()
  const { trunk, steps } = await setUp({
    isSecure: true,
    isPasswordNew: true,
    password: 'Another-password-2',
  })
  expect(trunk).toMatchObject({ isSecure: true, isPasswordSet: true })
  expect(steps.filter(({ kind }) => kind === 'change')).toHaveLength(3)
  expect(account.rows(`/v1/Trunks/${trunk.sid}/OriginationUrls`)).toMatchObject([
    { sip_url: 'sip:abc.sip.livekit.cloud;transport=tls', enabled: true },
  ])
  const [list] = account.rows('{account}/SIP/CredentialLists')
  expect(account.rows(`{account}/SIP/CredentialLists/${list?.sid}/Credentials`)).toMatchObject([
    { username: 'outdial', password: 'Another-password-2' },
  ])
  expect((await setUp()).trunk.isSecure).toBe(true)
})

test('finds a trunk on the third page, by its name or its domain, and gives it what it lacks', async () => {
  const trunk = (index: number) => ({
    friendly_name: 'Other',
    domain_name: `other-${index}.pstn.twilio.com`,
    secure: false,
  })
  for (const index of [1, 2, 3, 4]) account.put('/v1/Trunks', { sid: `TK${String(index).repeat(32)}`, ...trunk(index) })
  account.put('/v1/Trunks', { ...trunk(5), sid: `TK${'5'.repeat(32)}`, friendly_name: 'Outdial', domain_name: null })
  const { trunk: found } = await setUp()
  expect(found).toMatchObject({ sid: `TK${'5'.repeat(32)}`, address: 'outdial-6789abcdef.pstn.twilio.com' })
  expect((await setUp({ domain: 'Other-3.pstn.twilio.com', numbers: [] })).trunk.sid).toBe(`TK${'3'.repeat(32)}`)
  await expect(setUp({ name: 'Other' })).rejects.toThrow(/Several trunks.*other-1.*--domain/)
  expect(account.rows('/v1/Trunks')).toHaveLength(5)
})

const refused: [string, Partial<TwilioTrunkWish>, RegExp][] = [
  ['a number of somebody else', { numbers: ['+14155550199'] }, /\+14155550199 is not a number of this account/],
  ['a part of a number', { numbers: ['+1415555010'] }, /\+1415555010 is not a number/],
]
test.each(refused)('%s is refused before anything is written', async (_, wish, expected) => {
  await expect(setUp(wish)).rejects.toThrow(expected)
  expect(account.writes()).toEqual([])
})

test('a number that cannot speak or is on another trunk is refused before anything is written', async () => {
  const [first, second] = account.rows('{account}/IncomingPhoneNumbers')
  Object.assign(first ?? {}, { capabilities: { voice: false, sms: true } })
  Object.assign(second ?? {}, { trunk_sid: 'TK9' })
  await expect(setUp({ numbers: ['+14155550100'] })).rejects.toThrow(/cannot make calls/)
  await expect(setUp({ numbers: ['+14155550101'] })).rejects.toThrow(/on the trunk TK9.*Remove it there/)
  expect(account.writes()).toEqual([])
})

test('tells what a person should know', async () => {
  await account.close()
  account = await startTwilioAccount({ type: 'Trial' })
  const [number] = account.rows('{account}/IncomingPhoneNumbers')
  Object.assign(number ?? {}, { voice_url: 'https://example.com/voice' })
  const { trunk } = await setUp({ numbers: [] })
  account.put(`/v1/Trunks/${trunk.sid}/IpAccessControlLists`, { sid: 'AL1', friendly_name: 'Office' })
  const elsewhere = { sid: 'OU1', sip_url: 'sip:pbx.example.com', enabled: true }
  account.put(`/v1/Trunks/${trunk.sid}/OriginationUrls`, elsewhere)
  const { steps } = await setUp({ numbers: ['+14155550100'] })
  const notes = steps.filter(({ kind }) => kind === 'note').map(({ text }) => text)
  expect(notes).toEqual([
    expect.stringContaining('trial account'),
    expect.stringContaining('sip:pbx.example.com as well'),
    expect.stringContaining('no longer use its voice URL https://example.com/voice'),
    expect.stringContaining('only from the addresses in Office'),
  ])
})

test('an account that is suspended, a wrong token and a silent host are told apart', async () => {
  const wrong = createTwilioRest({ ...account.connection, authToken: 'wrong-token' })
  const options = { isDryRun: false, tell: () => {} }
  await expect(setUpTwilioTrunk(wrong, plain, options)).rejects.toThrow(
    /refused the credentials.*20003.*TWILIO_AUTH_TOKEN/,
  )
  await expect(setUpTwilioTrunk(wrong, plain, options)).rejects.not.toThrow(/wrong-token/)
  await account.close()
  await expect(setUp()).rejects.toThrow(/127\.0\.0\.1:\d+ did not answer/)
  account = await startTwilioAccount({ status: 'suspended' })
  await expect(setUp()).rejects.toThrow(/Acme is suspended/)
})
