import { auditLog } from '@outdial/database/schema/workspaces'
import { livekitKeys } from '@outdial/dialing/testing'
import { type Simulator, startSimulator } from '@outdial/simulator/simulator'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type ApiWorld, type Client, idOf, openApiWorld } from '../testing/api-world.ts'

let simulator: Simulator
let world: ApiWorld
let client: Client

beforeAll(async () => {
  const clock = { speed: 1, clockOriginMs: Date.now() }
  simulator = await startSimulator({ port: 0, ...clock, seed: 1, webhookUrls: [], ...livekitKeys })
  world = await openApiWorld({ livekitUrl: simulator.url })
  client = await world.openClient()
})
afterAll(async () => {
  await world.close()
  await simulator.close()
})

const carrier = { address: 'acme.pstn.twilio.com', authUsername: 'acme', authPassword: 'hush-hush' }
const input = { name: 'Twilio', provider: 'twilio', numbers: ['+14155550100'], livekit: carrier }

const create = (json: object = input, headers: Record<string, string> = {}) =>
  client.send('POST', '/trunks', { json, headers })

async function onLiveKit(name: string) {
  return (await world.deps.livekit.listOutboundTrunks()).filter((trunk) => trunk.name === name)
}

describe('a trunk that is made on LiveKit', () => {
  it('takes what is not said from the profile of its provider', async () => {
    const made = await create({ ...input, name: 'Profile' })
    expect(made).toMatchObject({
      status: 201,
      body: {
        ...{ provider: 'twilio', callsPerSecond: 1, numberFormat: 'e164', numbers: ['+14155550100'] },
        livekitTrunkId: expect.stringMatching(/^ST_/),
        livekit: { address: 'acme.pstn.twilio.com', transport: 'auto', authUsername: 'acme', hasPassword: true },
      },
    })
    const [trunk] = await onLiveKit('Profile')
    expect(trunk).toMatchObject({ livekitTrunkId: made.body.livekitTrunkId, hasPassword: true })
    const exotel = await create({ name: 'Exotel', provider: 'exotel', numbers: ['+912250000000'], livekit: {} })
    expect(exotel.body).toMatchObject({
      callsPerSecond: 3,
      livekit: { address: 'in.voip.exotel.com:5070', transport: 'tcp', hasPassword: false },
    })
  })

  it('keeps its password to LiveKit', async () => {
    const made = await create({ ...input, name: 'Secret' })
    const answers = [made, await client.send('GET', `/trunks/${idOf(made)}`), await client.send('GET', '/trunks')]
    for (const answer of answers) expect(answer.text).not.toContain('hush-hush')
    const stored = await world.db.execute("select row_to_json(t)::text as text from trunks t where name = 'Secret'")
    expect(JSON.stringify(stored)).not.toContain('hush-hush')
    const audit = (await world.db.select().from(auditLog)).filter((entry) => entry.entityId === idOf(made))
    expect(audit).toHaveLength(1)
    expect(JSON.stringify(audit)).not.toContain('hush-hush')
  })

  it('is changed there as well, and a password that is not given stays', async () => {
    const id = idOf(await create({ ...input, name: 'Before' }))
    const changes = { name: 'After', numbers: ['+14155550101'], livekit: { transport: 'tls' } }
    const changed = await client.send('PATCH', `/trunks/${id}`, { json: changes })
    expect(changed).toMatchObject({ status: 200, body: { livekit: { transport: 'tls', hasPassword: true } } })
    expect(await onLiveKit('After')).toMatchObject([
      { numbers: ['+14155550101'], transport: 'tls', authUsername: 'acme', hasPassword: true },
    ])
    const without = await client.send('PATCH', `/trunks/${id}`, { json: { livekit: { authUsername: '' } } })
    expect(without.body.livekit).toMatchObject({ authUsername: '', hasPassword: false })
    const limits = await client.send('PATCH', `/trunks/${id}`, { json: { callsPerSecond: 5 } })
    expect(limits.body).toMatchObject({ callsPerSecond: 5, livekit: { transport: 'tls' } })
  })

  it('is deleted there as well, also when somebody was faster', async () => {
    for (const name of ['Gone', 'Gone before']) {
      const made = await create({ ...input, name })
      if (name === 'Gone before') await world.deps.livekit.deleteTrunk(String(made.body.livekitTrunkId))
      expect((await client.send('DELETE', `/trunks/${idOf(made)}`)).status).toBe(204)
      expect(await onLiveKit(name)).toEqual([])
    }
  })

  it('is made once, however often the request is repeated', async () => {
    const headers = { 'idempotency-key': 'once' }
    const [first, second] = [
      await create({ ...input, name: 'Once' }, headers),
      await create({ ...input, name: 'Once' }, headers),
    ]
    expect(second.body).toEqual(first.body)
    expect(await onLiveKit('Once')).toHaveLength(1)
  })

  it('cannot be pointed at another trunk, nor changed when LiveKit has it no more', async () => {
    const made = await create({ ...input, name: 'Mine' })
    const path = `/trunks/${idOf(made)}`
    const other = await client.send('PATCH', path, { json: { livekitTrunkId: 'ST_theirs' } })
    expect(other).toMatchObject({ status: 409, body: { code: 'trunk_made_here' } })
    await world.deps.livekit.deleteTrunk(String(made.body.livekitTrunkId))
    const late = await client.send('PATCH', path, { json: { name: 'Late' } })
    expect(late).toMatchObject({ status: 409, body: { code: 'missing_on_livekit' } })
    expect((await client.send('GET', path)).body.name).toBe('Mine')
  })
})

describe('a trunk that somebody else made on LiveKit', () => {
  it('is used, and neither changed nor deleted there', async () => {
    const theirs = await world.deps.livekit.createOutboundTrunk({
      ...{ name: 'Theirs', address: 'sip.example.com', numbers: ['+14155550109'] },
    })
    const made = await create({ name: 'Ours', livekitTrunkId: theirs.livekitTrunkId })
    expect(made).toMatchObject({ status: 201, body: { livekit: null, callsPerSecond: 1 } })
    const path = `/trunks/${idOf(made)}`
    const refused = await client.send('PATCH', path, { json: { livekit: { address: 'evil.example.com' } } })
    expect(refused).toMatchObject({ status: 409, body: { code: 'trunk_made_elsewhere' } })
    expect((await client.send('PATCH', path, { json: { name: 'Renamed' } })).status).toBe(200)
    expect((await client.send('DELETE', path)).status).toBe(204)
    expect(await onLiveKit('Theirs')).toMatchObject([{ address: 'sip.example.com' }])
  })
})

describe('what does not fit', () => {
  it.each([
    [{ livekitTrunkId: 'ST_x' }, 'livekitTrunkId'],
    [{ livekit: undefined }, 'livekitTrunkId'],
    [{ numbers: [] }, 'numbers'],
    [{ livekit: { ...carrier, transport: 'quic' } }, 'livekit.transport'],
    [{ livekit: { ...carrier, authPassword: 'two words' } }, 'livekit.authPassword'],
    [{ livekit: { ...carrier, destinationCountry: 'India' } }, 'livekit.destinationCountry'],
  ])('%j is 400 and names %s', async (changes, field) => {
    expect(await create({ ...input, ...changes })).toMatchObject({ status: 400, body: { errors: [{ field }] } })
  })

  it.each([
    [{ livekit: { address: 'sip.example.com' } }, 'livekit.address'],
    [{ livekit: {} }, 'livekit.address'],
    [{ livekit: { ...carrier, transport: 'udp', mediaEncryption: 'require' } }, 'livekit.transport'],
    [{ livekit: { ...carrier, headers: { Via: 'x' } } }, 'livekit.headers'],
    [{ provider: 'exotel', livekit: { transport: 'udp' } }, 'livekit.transport'],
  ])('%j is 422 and names %s', async (changes, field) => {
    expect(await create({ ...input, name: 'Bad', ...changes })).toMatchObject({
      status: 422,
      body: { errors: [{ field }] },
    })
    expect(await onLiveKit('Bad')).toEqual([])
  })

  it('a LiveKit that is away is 503, and nothing is stored', async () => {
    const away = await openApiWorld()
    const alone = await away.openClient()
    const answer = await alone.send('POST', '/trunks', { json: input })
    expect(answer).toMatchObject({ status: 503, body: { code: expect.stringMatching(/^livekit_/) } })
    expect((await alone.send('GET', '/trunks')).body.data).toEqual([])
    await away.close()
  })
})
