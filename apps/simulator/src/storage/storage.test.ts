import { AudioMixing } from '@livekit/protocol'
import { EncodedFileOutput, EncodedFileType, S3Upload } from 'livekit-server-sdk'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type Project, startProject, waitFor } from '../testing.ts'
import { writeSilence } from './silence.ts'

let project: Project
beforeAll(async () => {
  project = await startProject()
})
afterAll(() => project.close())

async function record(room: string): Promise<string> {
  await project.rooms.createRoom({ name: room })
  const endpoint = `${project.simulator.url}/_s3`
  const upload = new S3Upload({ accessKey: 'AK', secret: 'SK', bucket: 'calls', endpoint, forcePathStyle: true })
  const file = new EncodedFileOutput({
    fileType: EncodedFileType.OGG,
    filepath: `a b/${room}.ogg`,
    output: { case: 's3', value: upload },
  })
  const audio = { audioOnly: true, audioMixing: AudioMixing.DUAL_CHANNEL_AGENT }
  const { egressId } = await project.egress.startRoomCompositeEgress(room, file, audio)
  const statusNow = async () => (await project.egress.listEgress({ egressId }))[0]?.status
  await waitFor('the recording', async () => (await statusNow()) === 1)
  await project.rooms.deleteRoom(room)
  await waitFor('the upload', async () => (await statusNow()) === 3)
  return `${endpoint}/calls/a%20b/${room}.ogg`
}

describe('the storage', () => {
  it('shows a recording to nobody without a signature, or with a wrong one', async () => {
    const address = await record('secret')
    const signed = `${address}?X-Amz-Credential=AK%2F20260302%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20260302T000000Z`
    for (const [url, code] of [
      [address, 'AccessDenied'],
      [`${signed}&X-Amz-Expires=60&X-Amz-Signature=00`, 'AccessDenied'],
      [`${signed}&X-Amz-Expires=9999999999&X-Amz-Signature=00`, 'SignatureDoesNotMatch'],
      [`${signed.replace('AK%2F', 'XX%2F')}&X-Amz-Expires=60&X-Amz-Signature=00`, 'InvalidAccessKeyId'],
    ] as const) {
      const answer = await fetch(url)
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining(code)])
    }
    expect((await fetch(address, { method: 'DELETE' })).status).toBe(403)
  })

  it('knows no other files', async () => {
    expect((await fetch(`${project.simulator.url}/_s3/calls/none.ogg`)).status).toBe(404)
  })
})

test('silence is an Ogg file with a page every few seconds', () => {
  const bytes = writeSilence(12_000)
  expect(bytes.subarray(0, 4).toString()).toBe('OggS')
  expect(bytes.toString('latin1').split('OggS')).toHaveLength(1 + 2 + 3)
  const lastPage = bytes.lastIndexOf('OggS')
  expect([bytes[lastPage + 5], bytes.readBigUInt64LE(lastPage + 6)]).toEqual([4, 312n + 12n * 48_000n])
})
