import { SipClient } from 'livekit-server-sdk'
import { expect, it } from 'vitest'
import { reuseTokens } from './reuse-tokens.ts'

const begun = 1_772_452_800_000

function signing() {
  let at = begun
  let tokens = 0
  const sign = async (_grant: object, _sip?: object) => {
    tokens += 1
    return { Authorization: `Bearer ${tokens}` }
  }
  const client = reuseTokens({ authHeader: sign }, () => at)
  return {
    client,
    passes: (ms: number) => {
      at += ms
    },
  }
}

it('gives the same token for the same rights, for a minute', async () => {
  const { client, passes } = signing()
  const first = await client.authHeader({}, { call: true })
  passes(59_999)
  expect(await client.authHeader({}, { call: true })).toEqual(first)
  expect(await client.authHeader({ roomCreate: true })).not.toEqual(first)
  passes(1)
  expect(await client.authHeader({}, { call: true })).not.toEqual(first)
})

it('signs anew once the host’s clock was set back, and for every single room', async () => {
  const { client, passes } = signing()
  const first = await client.authHeader({}, { call: true })
  passes(-1)
  expect(await client.authHeader({}, { call: true })).not.toEqual(first)
  const room = { roomAdmin: true, room: 'call-1' }
  expect(await client.authHeader(room)).not.toEqual(await client.authHeader(room))
})

it('is how the SDK’s own clients sign', async () => {
  let at = begun
  const client = reuseTokens(new SipClient('http://127.0.0.1:9', 'key', 'a-secret-of-at-least-32-characters'), () => at)
  const header = await client.authHeader({}, { call: true })
  expect(header).toEqual({ Authorization: expect.stringMatching(/^Bearer .+\..+\..+$/) })
  expect(await client.authHeader({}, { call: true })).toBe(header)
  at += 60_000
  expect(await client.authHeader({}, { call: true })).not.toBe(header)
})
