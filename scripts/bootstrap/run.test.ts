import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'

const runModule = new URL('run.mjs', import.meta.url).href

test('the exit code is passed on', async () => {
  const { launcher } = launch('process.exit(7)')
  expect(await once(launcher, 'exit')).toEqual([7, null])
})

test('a program that is ended by a signal gives 128 and its number', async () => {
  const { launcher } = launch("process.kill(process.pid, 'SIGKILL')")
  expect(await once(launcher, 'exit')).toEqual([137, null])
})

test('a Ctrl-C that arrives twice, from the terminal and from npm, reaches the program once', async () => {
  const { launcher, lines } = launch(`
    let count = 0
    process.on('SIGINT', () => { count += 1; console.log('interrupted'); setTimeout(() => process.exit(count), 300) })
    setInterval(() => {}, 60_000)
    console.log('ready')`)
  await next(lines, 'ready')
  launcher.kill('SIGINT')
  launcher.kill('SIGINT')
  await next(lines, 'interrupted')
  launcher.kill('SIGINT')
  expect(await once(launcher, 'exit')).toEqual([1, null])
})

test('SIGTERM and the end of the terminal both ask the program to stop', async () => {
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) {
    const { launcher, lines } = launch(`
      process.on('SIGTERM', () => process.exit(42))
      setInterval(() => {}, 60_000)
      console.log('ready')`)
    await next(lines, 'ready')
    launcher.kill(signal)
    expect(await once(launcher, 'exit')).toEqual([42, null])
  }
})

test('when the launcher is killed the program is asked to stop', async () => {
  const { launcher, lines } = launch(`
    process.on('SIGTERM', () => { console.log('stopped'); process.exit() })
    setInterval(() => {}, 60_000)
    console.log('ready')`)
  await next(lines, 'ready')
  launcher.kill('SIGKILL')
  await next(lines, 'stopped')
})

test('arguments arrive as they were given', async () => {
  const { lines } = launch('console.log(JSON.stringify(process.argv.slice(1)))', ['a b', '$HOME', "it's", '*'])
  const [line] = (await once(lines, 'line')) as [string]
  expect(JSON.parse(line)).toEqual(['a b', '$HOME', "it's", '*'])
})

/** A process of its own that calls run(), as `npm run` starts one. */
function launch(program: string, args: string[] = []) {
  const script = `
    const { run } = await import(${JSON.stringify(runModule)})
    const args = ['-e', ${JSON.stringify(program)}, '--', ...${JSON.stringify(args)}]
    process.exitCode = await run(process.execPath, args, { env: process.env, cwd: process.cwd() })`
  const launcher: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  if (!launcher.stdout) throw new Error('no output')
  return { launcher, lines: createInterface({ input: launcher.stdout }) }
}

async function next(lines: ReturnType<typeof createInterface>, wanted: string): Promise<void> {
  const [line] = (await once(lines, 'line')) as [string]
  expect(line).toBe(wanted)
}
