import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { runProgram } from './program.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-cli-'))
  await writeFile(join(folder, 'empty.csv'), '')
})
afterAll(() => rm(folder, { recursive: true }))
afterEach(() => vi.restoreAllMocks())

/** What a command line says, without starting a process for each. */
async function run(args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const said = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      said[name] += String(text)
      return true
    })
  }
  const code = await runProgram(['node', 'outdial', ...args])
  vi.restoreAllMocks()
  return { code, ...said }
}

const wrong: [string, RegExp][] = [
  ['demo --csv nowhere.csv', /--csv.*There is no file nowhere\.csv/],
  ['demo --csv FOLDER', /--csv.*is not a file/],
  ['demo --csv FOLDER/empty.csv', /--csv.*is empty/],
  ['demo --country XX', /--country.*two-letter country code/],
  ['demo --contacts many', /--contacts.*whole number/],
  ['demo --contacts 0', /--contacts.*whole number from 1/],
  ['demo --contacts 1e9', /--contacts.*whole number/],
  ['demo --seed -1', /--seed.*whole number/],
  ['demo --speed 0', /--speed.*above 0/],
  ['demo --speed 1001', /--speed.*at most 1000/],
  ['demo --speed fast', /--speed.*above 0/],
  ['demo --redis-url localhost', /--redis-url.*redis:\/\//],
  ['demo --database-url mysql://localhost/x', /--database-url.*postgres:\/\//],
  ['demo --quick', /unknown option '--quick'/],
  ['demo contacts.csv', /too many arguments/],
  ['token --workspace 1 --subject me', /--workspace.*id of a workspace/],
  ['import nowhere.csv', /There is no file nowhere\.csv/],
  ['import', /missing required argument 'file'/],
  ['calls list --limit 0', /--limit.*whole number/],
  ['judge', /required option '--ledger/],
  ['judge --ledger x --clock-speed 0', /--clock-speed.*above 0/],
  ['judge --ledger x --database-url mysql://localhost/x', /--database-url.*postgres:\/\//],
  ['dial', /unknown command 'dial'/],
]

test.each(wrong)('outdial %s is refused', async (line, expected) => {
  const { code, stdout, stderr } = await run(line.replace('FOLDER', folder).split(' '))
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(expected)
  expect(stderr).toMatch(/--help/)
})

test('help names every command and explains the JSON of the demo', async () => {
  const { code, stdout } = await run(['--help'])
  expect(code).toBe(0)
  const names = ['demo', 'dev', 'migrate', 'workspace', 'token', 'import', 'campaign', 'calls']
  for (const name of [...names, 'twilio', 'livekit', 'doctor', 'judge']) {
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'))
  }
  expect((await run(['demo', '--help'])).stdout).toMatch(/longestWaitMs/)
})
