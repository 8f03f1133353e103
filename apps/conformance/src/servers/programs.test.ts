import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findPrograms, requirePrograms } from './programs.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-programs-'))
})
afterEach(() => rm(folder, { recursive: true }))

test('what can be run is found in the folders; what the environment names wins', async () => {
  await Promise.all([put('sipp'), put('livekit-sip'), put('another-sip')])
  const named = { 'livekit-sip': join(folder, 'another-sip') }
  expect(await findPrograms({ named, folders: ['/nowhere', folder] })).toEqual({
    found: { sipp: join(folder, 'sipp'), 'livekit-sip': join(folder, 'another-sip') },
    missing: ['redis-server', 'livekit-server'],
  })
})

test('a file that cannot be run is no program, and neither is a wrong path in the environment', async () => {
  await Promise.all([put('sipp'), put('livekit-sip')])
  await chmod(join(folder, 'sipp'), 0o644)
  const { missing } = await findPrograms({ named: { 'livekit-sip': '/nowhere/sip' }, folders: [folder] })
  expect(missing).toEqual(['redis-server', 'livekit-server', 'livekit-sip', 'sipp'])
})

test('the error names what is missing of what is needed, and how to get it', async () => {
  await put('redis-server')
  const places = { named: {}, folders: [folder] }
  const error = await requirePrograms(['redis-server', 'sipp', 'livekit-server'], places).catch((reason) => reason)
  expect(error.missing).toEqual(['livekit-server', 'sipp'])
  expect(error.message).toContain('apt-get install sip-tester')
  expect(error.message).toContain('go install github.com/livekit/livekit-server')
  expect(error.message).not.toContain('livekit-sip:')
})

async function put(name: string): Promise<void> {
  await writeFile(join(folder, name), '#!/bin/sh\n', { mode: 0o755 })
}
