import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPrograms } from '../servers/programs.ts'
import { sayLeftOut } from '../servers/say-left-out.ts'
import { phoneBehaviours } from './behaviours.ts'
import type { CallIn, CallInRequest } from './caller.ts'
import { type Phone, startPhone } from './phone.ts'

const { missing } = await findPrograms()

if (missing.includes('sipp')) {
  sayLeftOut('the telephone', ['sipp'])
  test('the telephone is LEFT OUT: sipp is missing, and the error says how to get it', async () => {
    await expect(startPhone()).rejects.toThrow('apt-get install sip-tester')
  })
} else {
  describe('a telephone that is called by itself', () => {
    let phone: Phone
    beforeAll(async () => {
      phone = await startPhone({ ringMs: 200, longRingMs: 1_500, talkMs: 600 })
    })
    afterAll(() => phone.stop())

    const call = async (code: string, request: Partial<CallInRequest> = {}): Promise<CallIn> => {
      const to = request.to ?? `+121255501${code}`
      const caller = await phone.callIn({
        from: '+12125550100',
        talkMs: 1_000,
        ...request,
        to,
        sipAddress: phone.address,
      })
      return caller.over()
    }
    const seen = async ({ callId }: CallIn) => (await phone.calls()).find((each) => each.callId === callId)

    const refusals = Object.entries(phoneBehaviours).flatMap(([name, { code, plan }]) =>
      plan.kind === 'refuse' ? [{ name, code, ...plan }] : [],
    )
    test('every number that refuses refuses as it should, and rings before it where it should', async () => {
      const calls = await Promise.all(refusals.map(async ({ name, code }) => [name, await call(code)] as const))
      const expected = refusals.map(({ name, status, reason, ringsFor }) => [
        name,
        status,
        reason,
        ringsFor !== undefined,
      ])
      expect(
        calls.map(([name, { sipStatus, sipReason, ringing }]) => [name, sipStatus, sipReason, ringing !== undefined]),
      ).toEqual(expected)
    })

    test('it answers, and the caller hangs up', async () => {
      const answered = await call('01')
      expect(answered).toMatchObject({ sipStatus: 200, hungUpBy: 'caller' })
      expect(await seen(answered)).toMatchObject({ behaviour: 'answers', ending: 'hung_up', hungUpBy: 'livekit' })
    })

    test('it answers and hangs up, at once or after a while', async () => {
      const [soon, later] = await Promise.all([call('16', { talkMs: 5_000 }), call('15', { talkMs: 5_000 })])
      expect([soon.hungUpBy, later.hungUpBy]).toEqual(['livekit', 'livekit'])
      expect(await seen(later)).toMatchObject({ ending: 'hung_up', hungUpBy: 'callee' })
    })

    test('it rings until the caller gives up', async () => {
      const canceled = await call('08', { patienceMs: 1_000 })
      expect(canceled).toMatchObject({ sipStatus: 487, hungUpBy: 'caller' })
      expect(await seen(canceled)).toMatchObject({ ending: 'canceled', behaviour: 'no_answer' })
    })

    test('it is busy at the first call and answers the second', async () => {
      expect(await call('34')).toMatchObject({ sipStatus: 486 })
      expect(await call('34')).toMatchObject({ sipStatus: 200 })
      expect(await call('', { to: '+12125550234' })).toMatchObject({ sipStatus: 486 })
    })

    test('it sends a re-INVITE, and early media', async () => {
      const [early, direct] = await Promise.all([call('30'), call('32')])
      expect([early, direct].map(({ sipStatus, ringing }) => [sipStatus, ringing !== undefined])).toEqual([
        [200, true],
        [200, false],
      ])
    })
  })
}
