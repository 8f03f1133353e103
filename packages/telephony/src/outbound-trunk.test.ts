import { afterEach, beforeEach, expect, test } from 'vitest'
import { LiveKit } from './livekit.ts'
import { startScriptedLiveKit, twirpError } from './testing/scripted-livekit.ts'

let server: Awaited<ReturnType<typeof startScriptedLiveKit>>
let liveKit: LiveKit

beforeEach(async () => {
  server = await startScriptedLiveKit()
  liveKit = new LiveKit({ url: server.url, apiKey: 'devkey', apiSecret: 'a-secret-of-at-least-32-characters!!' })
})
afterEach(() => server.close())

/** As LiveKit stores and tells it, in the spelling of its own server: password included. */
const stored = {
  sip_trunk_id: 'ST_1',
  name: 'Twilio',
  metadata: '',
  address: 'example.pstn.twilio.com',
  transport: 'SIP_TRANSPORT_TLS',
  numbers: ['+15550200000'],
  auth_username: 'outdial',
  auth_password: 'hush',
  headers: { 'X-Source': 'outdial' },
  headers_to_attributes: {},
  attributes_to_headers: {},
  include_headers: 'SIP_X_HEADERS',
  media_encryption: 'SIP_MEDIA_ENCRYPT_DISABLE',
  media: { encryption: 'SIP_MEDIA_ENCRYPT_REQUIRE' },
  destination_country: '',
  from_host: '',
}

test('trunks are listed without their passwords', async () => {
  server.on('ListSIPOutboundTrunk', { json: { items: [stored, { ...stored, auth_password: '', media: undefined }] } })
  const trunks = await liveKit.listOutboundTrunks()
  expect(trunks[0]).toEqual({
    livekitTrunkId: 'ST_1',
    name: 'Twilio',
    metadata: '',
    address: 'example.pstn.twilio.com',
    transport: 'tls',
    numbers: ['+15550200000'],
    authUsername: 'outdial',
    hasPassword: true,
    headers: { 'X-Source': 'outdial' },
    headersToAttributes: {},
    attributesToHeaders: {},
    includeHeaders: 'x_headers',
    destinationCountry: '',
    fromHost: '',
    mediaEncryption: 'require',
  })
  expect(trunks[1]).toMatchObject({ hasPassword: false, mediaEncryption: 'disable' })
  expect(JSON.stringify(trunks)).not.toContain('hush')
  expect(server.heard[0]?.grants).toMatchObject({ sip: { admin: true } })
})

test('a trunk is created with its settings in one request', async () => {
  server.on('CreateSIPOutboundTrunk', { json: stored })
  const trunk = await liveKit.createOutboundTrunk({
    name: 'Twilio',
    address: 'example.pstn.twilio.com',
    numbers: ['+15550200000'],
    transport: 'tls',
    authUsername: 'outdial',
    authPassword: 'hush',
    headers: { 'X-Source': 'outdial' },
    includeHeaders: 'x_headers',
    mediaEncryption: 'require',
    destinationCountry: 'us',
  })
  expect(trunk.livekitTrunkId).toBe('ST_1')
  expect(JSON.stringify(trunk)).not.toContain('hush')
  expect(server.heard.map(({ method }) => method)).toEqual(['CreateSIPOutboundTrunk'])
  expect(server.bodiesOf('CreateSIPOutboundTrunk')).toEqual([
    {
      trunk: {
        name: 'Twilio',
        address: 'example.pstn.twilio.com',
        numbers: ['+15550200000'],
        transport: 'SIP_TRANSPORT_TLS',
        authUsername: 'outdial',
        authPassword: 'hush',
        headers: { 'X-Source': 'outdial' },
        includeHeaders: 'SIP_X_HEADERS',
        mediaEncryption: 'SIP_MEDIA_ENCRYPT_REQUIRE',
        destinationCountry: 'us',
      },
    },
  ])
})

const exotel = {
  name: 'Exotel',
  address: 'in.voip.exotel.com:443',
  numbers: ['+911140000000'],
  fromHost: 'example.pstn.exotel.com',
  attributesToHeaders: { reason: 'X-Reason' },
}

test('what creating leaves out is set right after it', async () => {
  server.on('CreateSIPOutboundTrunk', { json: stored })
  server.on('UpdateSIPOutboundTrunk', { json: { ...stored, from_host: exotel.fromHost } })
  const trunk = await liveKit.createOutboundTrunk(exotel)
  expect(trunk.fromHost).toBe('example.pstn.exotel.com')
  expect(server.bodiesOf('UpdateSIPOutboundTrunk')).toMatchObject([
    { sipTrunkId: 'ST_1', replace: { fromHost: exotel.fromHost, attributesToHeaders: exotel.attributesToHeaders } },
  ])
})

test('a trunk that could not be completed is taken away again', async () => {
  server.on('CreateSIPOutboundTrunk', { json: stored })
  server.on('UpdateSIPOutboundTrunk', twirpError(400, 'invalid_argument', { msg: 'from_host should be a hostname' }))
  server.on('DeleteSIPTrunk', { json: {} })
  await expect(liveKit.createOutboundTrunk(exotel)).rejects.toMatchObject({
    trouble: 'refused',
    message: expect.stringContaining('from_host should be a hostname'),
  })
  expect(server.bodiesOf('DeleteSIPTrunk')).toEqual([{ sipTrunkId: 'ST_1' }])
})

test('creating is not repeated when no answer comes, for it would make a second trunk', async () => {
  server.on('CreateSIPOutboundTrunk', 'reset')
  await expect(liveKit.createOutboundTrunk({ ...exotel, fromHost: '' })).rejects.toMatchObject({ trouble: 'no_answer' })
  expect(server.bodiesOf('CreateSIPOutboundTrunk')).toHaveLength(1)
})

test('a change keeps everything it does not name, the password too', async () => {
  server.on('ListSIPOutboundTrunk', { json: { items: [stored] } })
  server.on('UpdateSIPOutboundTrunk', { json: { ...stored, numbers: ['+15550200001'] } })
  const changes = { numbers: ['+15550200001'], mediaEncryption: 'allow', authUsername: undefined } as const
  expect(await liveKit.updateOutboundTrunk('ST_1', { ...changes, numbers: [...changes.numbers] })).toMatchObject({
    numbers: ['+15550200001'],
  })
  expect(server.bodiesOf('UpdateSIPOutboundTrunk')).toEqual([
    {
      sipTrunkId: 'ST_1',
      replace: {
        sipTrunkId: 'ST_1',
        name: 'Twilio',
        address: 'example.pstn.twilio.com',
        transport: 'SIP_TRANSPORT_TLS',
        numbers: ['+15550200001'],
        authUsername: 'outdial',
        authPassword: 'hush',
        headers: { 'X-Source': 'outdial' },
        includeHeaders: 'SIP_X_HEADERS',
        mediaEncryption: 'SIP_MEDIA_ENCRYPT_ALLOW',
        media: { encryption: 'SIP_MEDIA_ENCRYPT_ALLOW' },
      },
    },
  ])
})

test('a trunk that is not there cannot be changed, and need not be deleted', async () => {
  server.on('ListSIPOutboundTrunk', { json: { items: [stored] } })
  server.on('DeleteSIPTrunk', twirpError(404, 'not_found', { msg: 'requested sip trunk does not exist' }))
  await expect(liveKit.updateOutboundTrunk('ST_2', { name: 'x' })).rejects.toMatchObject({
    trouble: 'not_found',
    message: expect.stringContaining('ST_2'),
  })
  await expect(liveKit.deleteTrunk('ST_2')).resolves.toBeUndefined()
})
