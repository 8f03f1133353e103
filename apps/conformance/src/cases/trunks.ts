import { describeAnswer } from './calling.ts'
import { type Case, defineCase } from './case.ts'
import { codeOf } from './refusals.ts'
import type { Stage } from './stage.ts'

const outbound = defineCase({
  name: 'outbound-trunk',
  title: 'An outbound trunk: create, list, change some of it, replace it, delete it',
  async run(stage) {
    const ask = asker(stage)
    const numbers = [stage.newFrom()]
    const wish = { name: 'carrier', address: 'sip.example.com', numbers, transport: 2, metadata: 'm' }
    const trunk = { ...wish, authUsername: 'ada', authPassword: 'secret', headers: { 'X-A': '1' } }
    const created = await ask('CreateSIPOutboundTrunk', { trunk })
    const id = idOf(created.raw, 'sip_trunk_id')
    const listed = await ask('ListSIPOutboundTrunk', { trunkIds: [id] })
    const changed = await ask('UpdateSIPOutboundTrunk', {
      sipTrunkId: id,
      update: { name: 'other', numbers: { add: ['+12125550199'] } },
    })
    const replaced = await ask('UpdateSIPOutboundTrunk', {
      sipTrunkId: id,
      replace: { ...trunk, fromHost: 'example.com' },
    })
    const deleted = await ask('DeleteSIPTrunk', { sipTrunkId: id })
    const after = await ask('ListSIPOutboundTrunk', { trunkIds: [id] })
    return {
      created: created.seen,
      listed: listed.seen,
      changed: changed.seen,
      replaced: replaced.seen,
      deleted: deleted.seen,
      after: after.seen,
    }
  },
  tell: ({ created, deleted }) => `create ${codeOf(created)}, delete ${codeOf(deleted)}; the list tells passwords`,
})

const outboundWrong = defineCase({
  name: 'outbound-trunk-wrong',
  title: 'Outbound trunks without an address, without numbers, with a SIP address; change and delete what is not there',
  async run(stage) {
    const ask = async (method: string, body: Record<string, unknown>) => (await asker(stage)(method, body)).seen
    const good = { name: 'x', address: 'sip.example.com', numbers: ['+12125550100'] }
    return {
      nothing: await ask('CreateSIPOutboundTrunk', {}),
      noAddress: await ask('CreateSIPOutboundTrunk', { trunk: { ...good, address: '' } }),
      noNumbers: await ask('CreateSIPOutboundTrunk', { trunk: { ...good, numbers: [] } }),
      sipAddress: await ask('CreateSIPOutboundTrunk', { trunk: { ...good, address: 'sip:sip.example.com' } }),
      userAddress: await ask('CreateSIPOutboundTrunk', { trunk: { ...good, address: 'ada@sip.example.com' } }),
      withId: await ask('CreateSIPOutboundTrunk', { trunk: { ...good, sipTrunkId: 'ST_mine' } }),
      change: await ask('UpdateSIPOutboundTrunk', { sipTrunkId: 'ST_unknown', update: { name: 'y' } }),
      replace: await ask('UpdateSIPOutboundTrunk', { sipTrunkId: 'ST_unknown', replace: good }),
      delete: await ask('DeleteSIPTrunk', { sipTrunkId: 'ST_unknown' }),
      listUnknown: await ask('ListSIPOutboundTrunk', { trunkIds: ['ST_unknown'] }),
    }
  },
  tell: ({ noAddress, change, delete: gone }) =>
    `${codeOf(noAddress)}; unknown: ${codeOf(change)}, delete ${codeOf(gone)}`,
})

const asTheDialer = defineCase({
  name: 'outbound-trunk-as-outdial',
  title: 'Outdial’s own trunk code: all settings, read back; change, delete twice',
  async run(stage) {
    const { livekit } = stage.target
    const created = await livekit.createOutboundTrunk({
      ...{ name: 'carrier', address: 'sip.example.com:5070', numbers: [stage.newFrom()], transport: 'tcp' },
      ...{ authUsername: 'ada', authPassword: 'secret', metadata: 'm', headers: { 'X-A': '1' } },
      ...{ headersToAttributes: { 'X-B': 'b' }, attributesToHeaders: { c: 'X-C' }, includeHeaders: 'x_headers' },
      ...{ destinationCountry: 'us', fromHost: 'example.com', mediaEncryption: 'allow' },
    })
    const changed = await livekit.updateOutboundTrunk(created.livekitTrunkId, { name: 'other' })
    const listed = (await livekit.listOutboundTrunks()).filter((each) => each.livekitTrunkId === created.livekitTrunkId)
    await livekit.deleteTrunk(created.livekitTrunkId)
    await livekit.deleteTrunk(created.livekitTrunkId)
    stage.rely('the password is kept when the name changes', changed.hasPassword)
    stage.rely('the list has it once', listed.length === 1)
    return { created: stage.normal(created), changed: stage.normal(changed) }
  },
  tell: () => 'kept as asked for; deleting twice is fine',
})

const inbound = defineCase({
  name: 'inbound-trunk',
  title: 'Inbound trunks: create, another for the same number, one without any guard, change, delete',
  async run(stage) {
    const ask = asker(stage)
    const numbers = [stage.newFrom()]
    const created = await ask('CreateSIPInboundTrunk', {
      trunk: { name: 'in', numbers, allowedAddresses: ['198.51.100.0/24'] },
    })
    const id = idOf(created.raw, 'sip_trunk_id')
    stage.name(id, '<first>')
    const second = await ask('CreateSIPInboundTrunk', { trunk: { name: 'in again', numbers } })
    const open = await ask('CreateSIPInboundTrunk', { trunk: { name: 'for everybody' } })
    const changed = await ask('UpdateSIPInboundTrunk', {
      sipTrunkId: id,
      update: { name: 'other', allowedNumbers: { set: ['+12125550123'] } },
    })
    const replaced = await ask('UpdateSIPInboundTrunk', { sipTrunkId: id, replace: { name: 'whole', numbers } })
    const unknown = await ask('UpdateSIPInboundTrunk', { sipTrunkId: 'ST_unknown', update: { name: 'x' } })
    const listed = await ask('ListSIPInboundTrunk', { trunkIds: [id] })
    const deleted = await ask('DeleteSIPTrunk', { sipTrunkId: id })
    return {
      created: created.seen,
      ...{ second: second.seen, open: open.seen, changed: changed.seen, replaced: replaced.seen },
      ...{ unknown: unknown.seen, listed: listed.seen, deleted: deleted.seen },
    }
  },
  tell: ({ second, open }) => `the same number again: ${codeOf(second)}; without a guard: ${codeOf(open)}`,
})

const rules = defineCase({
  name: 'dispatch-rule',
  title: 'Dispatch rules: create, a second for the same trunk, none at all, change, delete, unknown',
  async run(stage) {
    const ask = asker(stage)
    const trunk = await ask('CreateSIPInboundTrunk', { trunk: { name: 'in', numbers: [stage.newFrom()] } })
    const trunkId = stage.name(idOf(trunk.raw, 'sip_trunk_id'), '<trunk>')
    const rule = { dispatchRuleIndividual: { roomPrefix: 'inbound-' } }
    const wish = { name: 'rule', rule, trunkIds: [trunkId], attributes: { a: '1' }, metadata: 'm' }
    const created = await ask('CreateSIPDispatchRule', { dispatchRule: wish })
    const id = stage.name(idOf(created.raw, 'sip_dispatch_rule_id'), '<rule>')
    const oldForm = await ask('CreateSIPDispatchRule', wish)
    const none = await ask('CreateSIPDispatchRule', { dispatchRule: { name: 'empty', trunkIds: [trunkId] } })
    const changed = await ask('UpdateSIPDispatchRule', { sipDispatchRuleId: id, update: { name: 'other' } })
    const replaced = await ask('UpdateSIPDispatchRule', {
      sipDispatchRuleId: id,
      replace: { name: 'whole', rule, trunkIds: [trunkId] },
    })
    const listed = await ask('ListSIPDispatchRule', { trunkIds: [trunkId] })
    const deleted = await ask('DeleteSIPDispatchRule', { sipDispatchRuleId: id })
    const again = await ask('DeleteSIPDispatchRule', { sipDispatchRuleId: id })
    const unknown = await ask('UpdateSIPDispatchRule', { sipDispatchRuleId: 'SDR_unknown', update: { name: 'x' } })
    const oldId = idOf(oldForm.raw, 'sip_dispatch_rule_id')
    if (oldId) await ask('DeleteSIPDispatchRule', { sipDispatchRuleId: oldId })
    await ask('DeleteSIPTrunk', { sipTrunkId: trunkId })
    return {
      ...{ created: created.seen, secondInOldForm: oldForm.seen, withoutRule: none.seen, changed: changed.seen },
      ...{
        replaced: replaced.seen,
        listed: listed.seen,
        deleted: deleted.seen,
        again: again.seen,
        unknown: unknown.seen,
      },
    }
  },
  tell: ({ secondInOldForm, again }) =>
    `a second for the trunk: ${codeOf(secondInOldForm)}; deleted twice: ${codeOf(again)}`,
})

function asker(stage: Stage) {
  return async (method: string, body: Record<string, unknown>) => {
    const raw = await stage.target.api.ask(`SIP/${method}`, body)
    return { raw, seen: describeAnswer(stage, raw) }
  }
}

function idOf({ body }: { body: unknown }, field: string): string {
  const id = (body as Record<string, unknown>)[field]
  return typeof id === 'string' ? id : ''
}

export const trunkCases: Case[] = [outbound, outboundWrong, asTheDialer, inbound, rules]
