import { ParticipantInfo_Kind } from '@livekit/protocol'
import { RoomAgentDispatch } from 'livekit-server-sdk'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Project, startProject, trunkId, waitFor } from '../testing.ts'
import type { Report } from './reporter.ts'

let project: Project
beforeAll(async () => {
  project = await startProject()
})
afterAll(() => project.close())

const waiting = { waitUntilAnswered: true, participantIdentity: 'callee' }

describe('the outcome of a conversation', () => {
  test.each([
    ['interested', '+15005550001', 'agent'],
    ['not_interested', '+15005550002', 'agent'],
    ['callback', '+15005550003', 'agent'],
    ['wrong_number', '+15005550005', 'agent'],
    ['voicemail', '+15005550006', 'agent'],
    ['interested', '+15005550014', 'agent'],
  ])('%s (%s) is reported before the agent hangs up', async (outcome, number, hungUpBy) => {
    const room = `outcome-${number}`
    await project.roomWithAgent(room, { room, questions: ['How many are you?', 'When?'] })
    await project.sip.createSipParticipant(trunkId, number, room, { ...waiting, ringingTimeout: 60 })
    const call = await project.ended(room)
    expect(call).toMatchObject({ outcome, hungUpBy, agentIdentity: expect.stringMatching(/^agent-AJ_/) as unknown })
    const report = await reportOf((each) => each.outcome === outcome && isDuring(each, call))
    expect(report.transcript?.length).toBeGreaterThan(0)
    expect(report.summary).toBeTruthy()
    const isAsked = outcome === 'interested'
    expect(Object.keys(report.answers ?? {})).toEqual(isAsked ? ['How many are you?', 'When?'] : [])
    const callbackMs = report.callbackAt && Date.parse(report.callbackAt) - Date.parse(report.at)
    if (outcome === 'callback') expect(callbackMs).toBeGreaterThan(10 * 60_000)
    else expect(callbackMs).toBeUndefined()
    expect(await project.rooms.listRooms([room])).toEqual([])
  })

  test('the message that the dispatch asks for is left on a machine', async () => {
    const message = 'We will try again, Ann.'
    await project.roomWithAgent('mailbox', { voicemail: 'leave_message', voicemail_message: message })
    await project.sip.createSipParticipant(trunkId, '+15005550006', 'mailbox', waiting)
    const call = await project.ended('mailbox')
    const report = await reportOf((each) => each.outcome === 'voicemail' && isDuring(each, call))
    expect(report.transcript?.at(-1)).toMatchObject({ speaker: 'agent', text: message })
  })

  test('what is talking is said before the greeting', async () => {
    await project.roomWithAgent('disclosed', { ai_disclosure: 'I am an AI.', greeting: 'This is Ada, disclosed.' })
    await project.sip.createSipParticipant(trunkId, '+15005550002', 'disclosed', waiting)
    const call = await project.ended('disclosed')
    const report = await reportOf((each) => isDuring(each, call) && each.outcome === 'not_interested')
    expect(report.transcript?.map(({ text }) => text)).toContain('I am an AI. This is Ada, disclosed.')
  })

  test('a wish not to be called is reported during the call, and again with the transcript', async () => {
    await project.roomWithAgent('do-not-call')
    await project.sip.createSipParticipant(trunkId, '+15005550004', 'do-not-call', waiting)
    const early = await reportOf((report) => report.outcome === 'do_not_call' && !report.transcript)
    const call = await project.ended('do-not-call')
    expect(call).toMatchObject({ outcome: 'do_not_call', hungUpBy: 'callee' })
    expect(Date.parse(early.at)).toBeLessThanOrEqual(Date.parse(call.ended?.at ?? ''))
    const last = await reportOf((report) => report.outcome === 'do_not_call' && Boolean(report.transcript))
    expect(last.id).not.toBe(early.id)
  })

  test('who hangs up before there is an outcome leaves a report without one', async () => {
    await project.roomWithAgent('mid-call')
    await project.sip.createSipParticipant(trunkId, '+15005550015', 'mid-call', waiting)
    const call = await project.ended('mid-call')
    const report = await reportOf((each) => !each.outcome && isDuring(each, call))
    expect(report.transcript?.[0]).toMatchObject({ speaker: 'callee', text: 'Hello?' })
  })

  test('a call cut off by the API is still reported', async () => {
    await project.roomWithAgent('cut-off', { greeting: 'This greeting is only here.' })
    await project.sip.createSipParticipant(trunkId, '+15005550018', 'cut-off', waiting)
    await waitFor('a minute of talk', () => {
      const call = project.call('cut-off')
      const { answered } = call ?? {}
      return answered && Date.now() - answered.realMs > 300
    })
    await project.rooms.deleteRoom('cut-off')
    const call = await project.ended('cut-off')
    expect(call.hungUpBy).toBe('api')
    await reportOf((each) => !each.outcome && isDuring(each, call))
  })
})

describe('agents that are no help', () => {
  test('a silent agent joins, says nothing and reports nothing', async () => {
    const before = project.inbox.at('/report').length
    await project.roomWithAgent('silent-agent')
    await project.sip.createSipParticipant(trunkId, '+15005550017', 'silent-agent', waiting)
    const call = await project.ended('silent-agent')
    expect(call).toMatchObject({ hungUpBy: 'callee', agentIdentity: expect.stringContaining('agent-') as unknown })
    await waitFor('the end of the room', async () => (await project.rooms.listRooms(['silent-agent'])).length === 0)
    expect(project.inbox.at('/report')).toHaveLength(before)
  })

  test('an agent without a worker never comes, though the dispatch succeeds', async () => {
    await project.rooms.createRoom({ name: 'no-worker', departureTimeout: 86_400 })
    const dispatch = await project.dispatch.createDispatch('no-worker', 'missing-agent', { metadata: '{}' })
    expect(dispatch.id).toMatch(/^AD_/)
    await project.sip.createSipParticipant(trunkId, '+15005550001', 'no-worker', waiting)
    const call = await project.ended('no-worker')
    expect(call.agentJoined).toBeUndefined()
    expect((await project.dispatch.getDispatch(dispatch.id, 'no-worker'))?.state?.jobs).toEqual([])
  })

  test('metadata that is no JSON, or not ours, is an agent that talks and does not report', async () => {
    for (const metadata of ['hello', '[1]', '{"report":{"url":"nowhere"},"questions":7}']) {
      const room = `odd-${metadata}`
      const agents = [new RoomAgentDispatch({ agentName: 'odd', metadata })]
      await project.rooms.createRoom({ name: room, agents })
      await project.sip.createSipParticipant(trunkId, '+15005550002', room, waiting)
      expect(await project.ended(room)).toMatchObject({ outcome: 'not_interested' })
    }
  })
})

describe('dispatches', () => {
  test('an agent joins a room it is dispatched to, and leaves when the dispatch is deleted', async () => {
    const { dispatch, rooms } = project
    const created = await dispatch.createDispatch('dispatched', 'outbound', { metadata: 'm' })
    expect(created).toMatchObject({ agentName: 'outbound', room: 'dispatched', metadata: 'm' })
    const [agent] = await waitFor('the agent', async () => {
      const all = await rooms.listParticipants('dispatched')
      return all.length > 0 && all
    })
    expect(agent?.kind).toBe(ParticipantInfo_Kind.AGENT)
    const [listed] = await dispatch.listDispatch('dispatched')
    expect(listed?.state?.jobs[0]?.state?.participantIdentity).toBe(agent?.identity)
    await dispatch.deleteDispatch(created.id, 'dispatched')
    expect(await rooms.listParticipants('dispatched')).toEqual([])
    await expect(dispatch.deleteDispatch(created.id, 'dispatched')).rejects.toMatchObject({ code: 'not_found' })
  })
})

describe('delivery of reports', () => {
  test('a 5xx is tried again with the same id and the token of the job', async () => {
    const own = await startProject({ webhookUrls: [] })
    own.inbox.statuses.push(503, 500)
    await own.roomWithAgent('retry')
    await own.sip.createSipParticipant(trunkId, '+15005550002', 'retry', waiting)
    const reports = await waitFor('three tries', () => {
      const all = own.inbox.at('/report')
      return all.length === 3 && all
    })
    expect(new Set(reports.map(({ body }) => (JSON.parse(body) as Report).id)).size).toBe(1)
    expect(reports.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer agent-token'))
    await own.close()
  })
})

function reportOf(fits: (report: Report) => boolean): Promise<Report> {
  return waitFor('a report', () =>
    project.inbox
      .at('/report')
      .map(({ body }) => JSON.parse(body) as Report)
      .find(fits),
  )
}

// reports carry no room, so they are told apart by their time
function isDuring(report: Report, call: { answered?: { at: string }; ended?: { at: string } }): boolean {
  const at = Date.parse(report.at)
  return at >= Date.parse(call.answered?.at ?? '') && at <= Date.parse(call.ended?.at ?? '') + 60_000
}
