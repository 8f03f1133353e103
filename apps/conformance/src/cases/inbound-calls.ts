import { lastingStatuses, watchAttributes } from './attributes.ts'
import { storyOf } from './calling.ts'
import { type Case, defineCase } from './case.ts'
import { leftLine } from './endings.ts'
import type { Stage } from './stage.ts'

const unanswered = defineCase({
  name: 'inbound-nobody-there',
  title: 'Somebody calls a number of ours, nobody is in the room, and the caller gives up after 3 s',
  async run(stage) {
    const { roomPrefix, to, close } = await openNumber(stage)
    const from = stage.newFrom()
    await stage.target.callIn({ from, to, patienceMs: 3_000, talkMs: 3_000 })
    const roomName = await roomOf(stage, roomPrefix)
    const watch = watchAttributes(stage, { roomName, identity: `sip_${from}` })
    await stage.until('the caller’s leaving', () =>
      stage.webhooks(roomName).some(({ event }) => event === 'participant_left'),
    )
    await watch.stop()
    await stage.target.livekit.hangUp(roomName)
    await stage.webhook(roomName, 'room_finished')
    await close()
    const joined = stage.webhooks(roomName).find(({ event }) => event === 'participant_joined')
    const shape = roomName.replace(/_[A-Za-z0-9]{12}$/, '_<random>')
    const { story, tracks } = storyOf(stage, roomName)
    stage.rely('the caller is told apart by the rule’s attribute', JSON.stringify(joined?.body).includes('"line":"1"'))
    return { roomName: stage.normal(shape), joined: stage.normal(joined?.body.participant), story, tracks }
  },
  tell: ({ story }) =>
    story
      .filter((line) => line.startsWith('participant'))
      .map((line) => line.split(' → ')[0])
      .join('; '),
})

const answered = defineCase({
  name: 'inbound-agent-answers',
  title: 'Somebody calls, an agent is sent for and answers by joining, and the caller hangs up after 3 s',
  async run(stage) {
    const { livekit, startWorker } = stage.target
    const { roomPrefix, to, close } = await openNumber(stage)
    const worker = await startWorker(roomPrefix)
    try {
      const from = stage.newFrom()
      await stage.target.callIn({ from, to, patienceMs: 60_000, talkMs: 3_000 })
      const roomName = await roomOf(stage, roomPrefix)
      await stage.until('the caller', async () => (await livekit.lookUp(roomName)).leg)
      const watch = watchAttributes(stage, { roomName, identity: `sip_${from}` })
      await livekit.dispatchAgent(roomName, roomPrefix, '{}')
      const left = await stage.until('the caller’s leaving', () => callerLeft(stage, roomName), 90_000)
      await watch.stop()
      await livekit.hangUp(roomName)
      await stage.webhook(roomName, 'room_finished')
      const statuses = lastingStatuses(watch)
      stage.rely('the caller is answered', statuses.includes('active'))
      const { story } = storyOf(stage, roomName)
      return {
        statuses,
        left: stage.normal(left.body.participant),
        story: story.filter((line) => !line.includes('agent-')),
      }
    } finally {
      await worker.close()
      await close()
    }
  },
  tell: ({ statuses, story }) => `${statuses.join(' → ')}; ${leftLine(story)}`,
})

function callerLeft(stage: Stage, roomName: string) {
  return stage.webhooks(roomName).find(({ event, summary }) => {
    return event === 'participant_left' && summary.participant?.kind === 'SIP'
  })
}

async function openNumber(stage: Stage) {
  const { inbound } = stage.target.livekit
  const to = stage.name(stage.newFrom(), '<called>')
  const roomPrefix = `inbound-${stage.newRoom()}`
  const trunk = await inbound.createTrunk({ name: 'in', numbers: [to] })
  stage.name(trunk.livekitTrunkId, '<trunk>')
  const rule = await inbound.createRule({
    ...{ name: 'in', livekitTrunkIds: [trunk.livekitTrunkId], roomPrefix, attributes: { line: '1' } },
  })
  stage.name(rule.livekitRuleId, '<rule>')
  // The host the caller calls from: each target has its own.
  for (const host of ['127.0.0.1', 'carrier.test']) stage.name(host, '<carrier>')
  const close = async () => {
    await inbound.deleteRule(rule.livekitRuleId)
    await inbound.deleteTrunk(trunk.livekitTrunkId)
  }
  return { to, roomPrefix, close }
}

async function roomOf(stage: Stage, roomPrefix: string): Promise<string> {
  const { inbox } = stage.target
  const found = await stage.until('the room of the caller', () =>
    inbox.all().find(({ roomName }) => roomName?.startsWith(roomPrefix)),
  )
  return found.roomName ?? ''
}

export const inboundCases: Case[] = [unanswered, answered]
