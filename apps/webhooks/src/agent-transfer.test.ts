import { calls } from '@outdial/database/schema/calls'
import { auditLog } from '@outdial/database/schema/workspaces'
import { reportAddresses } from '@outdial/dialing/calls/report-token'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { eventually, type InboundWorld, openInboundWorld } from './testing/inbound-world.ts'

let world: InboundWorld
beforeAll(async () => {
  world = await openInboundWorld()
  await world.addNumber('+14155550190')
})
afterAll(() => world.close())

/** A caller who talks with an agent for some minutes. */
async function talkingCall(metadata: Record<string, unknown>) {
  const roomName = await world.callIn({ from: '+14155550123', to: '+14155550190', talkMs: 600_000 })
  const call = await eventually(world, async () => {
    const found = await world.callOf(roomName)
    return found?.answeredAt ? found : undefined
  })
  await world.db.update(calls).set({ metadata })
  return { ...call, metadata }
}

const transfer = async (callId: string, token: string, body?: string) => {
  const url = `${world.deps.agentReports.baseUrl}/api/agent/calls/${callId}/transfer`
  const answer = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body })
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}

describe('POST {report.transfer_url}', () => {
  it('hands the person over to the target of the call, in the name of the agent', async () => {
    const call = await talkingCall({ transfer_target: 'tel:+14155550177' })
    const { transferUrl, token } = reportAddresses(world.deps.agentReports, call)
    expect(transferUrl).toMatch(/\/transfer$/)
    expect(await transfer(call.id, token)).toEqual({ status: 200, body: { transferredTo: 'tel:+14155550177' } })
    const told = (await world.db.select().from(auditLog)).filter(({ entityId }) => entityId === call.id)
    expect(told).toContainEqual(expect.objectContaining({ action: 'call.transfer', actor: 'agent' }))
    await eventually(world, async () => (await world.callOf(call.roomName))?.status === 'completed')
    expect(await transfer(call.id, token)).toMatchObject({ status: 409, body: { code: 'call_is_over' } })
  })

  it('hands over to nobody where the call names nobody, nor for another token, nor a call that is not there', async () => {
    const call = await talkingCall({})
    const { transferUrl, token } = reportAddresses(world.deps.agentReports, call)
    expect(transferUrl).toBeNull()
    expect(await transfer(call.id, token)).toMatchObject({ status: 409, body: { code: 'no_transfer_target' } })
    const elsewhere = JSON.stringify({ transferTarget: '+14155550166' })
    expect(await transfer(call.id, token, elsewhere)).toMatchObject({ status: 400, body: { errors: [{}] } })
    const unknown = { id: crypto.randomUUID(), metadata: {} }
    const foreign = reportAddresses(world.deps.agentReports, unknown).token
    expect(await transfer(call.id, foreign)).toMatchObject({ status: 401 })
    expect(await transfer(unknown.id, foreign)).toMatchObject({ status: 404 })
  })
})
