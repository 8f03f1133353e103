import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './lock.mjs'

const lockModule = new URL('lock.mjs', import.meta.url).href

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-lock-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('processes that want it at the same time get it one after the other', async () => {
  const counter = join(folder, 'counter')
  await writeFile(counter, '0')
  // Reading, yielding and writing back loses an increment as soon as two do it at once.
  const script = `
    const { withLock } = await import(${JSON.stringify(lockModule)})
    const { readFile, writeFile } = await import('node:fs/promises')
    for (let round = 0; round < 5; round += 1) {
      await withLock(${JSON.stringify(join(folder, 'lock'))}, { onWait: () => {} }, async () => {
        const value = Number(await readFile(${JSON.stringify(counter)}, 'utf8'))
        await new Promise((resolve) => setTimeout(resolve, 2))
        await writeFile(${JSON.stringify(counter)}, String(value + 1))
      })
    }`
  const processes = Array.from({ length: 4 }, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' }),
  )
  const codes = await Promise.all(processes.map(async (child) => ((await once(child, 'exit')) as [number])[0]))
  expect(codes).toEqual([0, 0, 0, 0])
  expect(await readFile(counter, 'utf8')).toBe('20')
  expect(await readdir(join(folder, 'lock'))).toEqual([])
})

test('the lock of a process that was killed is free, and whoever waits is told for whom', async () => {
  const script = `
    const { withLock } = await import(${JSON.stringify(lockModule)})
    await withLock(${JSON.stringify(folder)}, { onWait: () => {} }, () => {
      console.log('held')
      return new Promise(() => setInterval(() => {}, 60_000))
    })`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(createInterface({ input: holder.stdout }), 'line')
  const waitedFor: number[] = []
  const onWait = (pid: number) => {
    waitedFor.push(pid)
    holder.kill('SIGKILL')
  }
  expect(await withLock(folder, { onWait }, async () => 'mine')).toBe('mine')
  expect(waitedFor).toEqual([holder.pid])
})

test('it is given back when the work fails', async () => {
  const onWait = () => {
    throw new Error('somebody still has it')
  }
  await expect(withLock(folder, { onWait }, async () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  expect(await withLock(folder, { onWait }, async () => 'again')).toBe('again')
})

test('the ticket of another process with a number that was used before is void', async () => {
  await writeFile(join(folder, `ticket-1-${process.ppid}-1`), '')
  const onWait = () => {
    throw new Error('waited for the dead')
  }
  expect(await withLock(folder, { onWait }, async () => 'mine')).toBe('mine')
})
