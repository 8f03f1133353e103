import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, test } from 'vitest'

const program = fileURLToPath(new URL('./testing/process.ts', import.meta.url))
const spawned: ChildProcessWithoutNullStreams[] = []

/** Starts a process that behaves as `behaviour` says; see testing/process.ts. */
function run(behaviour: string) {
  const child = spawn(process.execPath, [program, behaviour])
  spawned.push(child)
  const output = { text: '' }
  const { promise: ended, resolve } = Promise.withResolvers<number | null>()
  const collect = (chunk: Buffer) => {
    output.text += chunk
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  child.on('close', resolve)
  const says = (words: string) => expect.poll(() => output.text, { timeout: 20_000, interval: 10 }).toContain(words)
  return { child, output, ended, says }
}

afterEach(async () => {
  for (const child of spawned.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }
})

describe('runProcess', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s stops it and it exits with 0', async (signal) => {
    const { child, output, ended, says } = run('well')
    await says('"msg":"started"')
    child.kill(signal)
    expect(await ended).toBe(0)
    expect(output.text).toContain('work finished')
  })

  test('a second signal ends it at once', async () => {
    const { child, ended, says } = run('stops never')
    await says('"msg":"started"')
    child.kill('SIGTERM')
    await says('stopping')
    child.kill('SIGTERM')
    expect(await ended).toBe(143)
  })

  test('a stop that takes too long is cut off', async () => {
    const { child, output, ended, says } = run('stops late')
    await says('"msg":"started"')
    child.kill('SIGTERM')
    expect(await ended).toBe(1)
    expect(output.text).toContain('the stop took too long')
  })

  test('a signal during the start stops it once it has started', async () => {
    const { child, output, ended, says } = run('starts slowly')
    await says('starting')
    child.kill('SIGTERM')
    await says('stopping')
    child.stdin.end('go on\n')
    expect(await ended).toBe(0)
    expect(output.text).toContain('work finished')
  })

  test.each(['throws later', 'rejects later'])('an error that nothing handles is logged: %s', async (behaviour) => {
    const { output, ended } = run(behaviour)
    expect(await ended).toBe(1)
    expect(output.text).toMatch(/"level":60.*deep trouble/)
  })

  test('settings that are wrong are told plainly, without a stack', async () => {
    const { output, ended } = run('has wrong settings')
    expect(await ended).toBe(1)
    expect(output.text).toBe('The environment needs attention:\n  PORT is not set: set it\n')
  })

  test('a start that fails is logged', async () => {
    const { output, ended } = run('cannot start')
    expect(await ended).toBe(1)
    expect(output.text).toMatch(/"level":60.*port 3000 is in use.*could not start/)
  })
})
