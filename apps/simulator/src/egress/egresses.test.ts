import { AudioMixing, EgressStatus } from '@livekit/protocol'
import {
  EncodedFileOutput,
  EncodedFileType,
  RoomCompositeEgressRequest,
  RoomEgress,
  S3Upload,
} from 'livekit-server-sdk'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Project, startProject, waitFor } from '../testing.ts'

let project: Project
beforeAll(async () => {
  project = await startProject()
})
afterAll(() => project.close())

const output = () =>
  new EncodedFileOutput({
    fileType: EncodedFileType.OGG,
    filepath: 'calls/{room_name}.ogg',
    output: { case: 's3', value: new S3Upload({ accessKey: 'AK', secret: 'SK', bucket: 'recordings' }) },
  })

test('a recording goes from starting to complete, without telling its credentials', async () => {
  await project.rooms.createRoom({ name: 'recorded' })
  const started = await project.egress.startRoomCompositeEgress('recorded', output(), {
    audioOnly: true,
    audioMixing: AudioMixing.DUAL_CHANNEL_AGENT,
  })
  expect(started).toMatchObject({ status: EgressStatus.EGRESS_STARTING, roomName: 'recorded' })
  expect(JSON.stringify(started.toJson())).not.toMatch(/"(AK|SK)"/)
  await waitFor('the recording', async () => {
    const [info] = await project.egress.listEgress({ egressId: started.egressId })
    return info?.status === EgressStatus.EGRESS_ACTIVE
  })
  await project.egress.stopEgress(started.egressId)
  const ended = await egressEnded(started.egressId)
  expect(ended).toMatchObject({ status: EgressStatus.EGRESS_COMPLETE })
  expect(ended?.fileResults[0]).toMatchObject({
    filename: 'calls/recorded.ogg',
    location: 'https://recordings.s3.amazonaws.com/calls/recorded.ogg',
  })
  const names = (await project.inbox.events())
    .filter(({ egressInfo }) => egressInfo?.egressId === started.egressId)
    .map(({ event, egressInfo }) => `${event} ${EgressStatus[egressInfo?.status ?? 0]}`)
  expect(names).toEqual([
    'egress_started EGRESS_STARTING',
    'egress_updated EGRESS_ACTIVE',
    'egress_updated EGRESS_ENDING',
    'egress_ended EGRESS_COMPLETE',
  ])
  await expect(project.egress.stopEgress(started.egressId)).rejects.toMatchObject({ code: 'failed_precondition' })
})

test('a room created with egress records itself until it ends', async () => {
  const room = new RoomCompositeEgressRequest({ fileOutputs: [output()], audioOnly: true })
  await project.rooms.createRoom({ name: 'automatic', egress: new RoomEgress({ room }) })
  const [info] = await project.egress.listEgress({ roomName: 'automatic' })
  expect(info).toBeDefined()
  await waitFor('the recording', async () => {
    const [now] = await project.egress.listEgress({ roomName: 'automatic' })
    return now?.status === EgressStatus.EGRESS_ACTIVE
  })
  await project.rooms.deleteRoom('automatic')
  expect(await egressEnded(info?.egressId ?? '')).toMatchObject({ status: EgressStatus.EGRESS_COMPLETE })
  expect(await project.egress.listEgress({ roomName: 'automatic', active: true })).toEqual([])
})

test('rooms and recordings that do not exist', async () => {
  await expect(project.egress.startRoomCompositeEgress('nowhere', output())).rejects.toMatchObject({
    code: 'not_found',
  })
  await expect(project.egress.stopEgress('EG_nowhere')).rejects.toMatchObject({ code: 'not_found' })
})

function egressEnded(egressId: string) {
  return waitFor('egress_ended', async () => {
    const events = await project.inbox.events()
    return events.find(({ event, egressInfo }) => event === 'egress_ended' && egressInfo?.egressId === egressId)
      ?.egressInfo
  })
}
