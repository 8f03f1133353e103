import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { LedgerCall } from '@outdial/judge/evidence'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startCli } from '../testing/cli-process.ts'

const at = (second: number) => ({ at: new Date(1_000 * second).toISOString(), realMs: 1_000 * second })

/** A call that nobody decided to make. */
const stranger: LedgerCall = {
  ...{ sipCallId: 'SCL_1', roomName: 'call-1', to: '+12125550100', trunkId: 'ST_1' },
  ...{ invited: at(12), ended: at(13), ending: 'refused', hungUpBy: 'carrier', sipStatus: 486 },
}

let folder = ''
const paths = { ledger: '', empty: '', broken: '' }
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-judge-command-'))
  const contents = { ledger: `${JSON.stringify(stranger)}\n`, empty: '', broken: '{}\n' }
  for (const name of ['ledger', 'empty', 'broken'] as const) {
    paths[name] = join(folder, `${name}.ndjson`)
    await writeFile(paths[name], contents[name])
  }
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function run(...args: string[]) {
  const cli = startCli(['judge', ...args])
  return { code: await cli.ended, stdout: cli.stdout(), stderr: cli.stderr() }
}

test('nothing happened, nothing is broken', async () => {
  const { code, stdout } = await run('--ledger', paths.empty, '--log', paths.empty)
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: expect.stringMatching(/0 INVITEs.*\n[\s\S]*No rule was broken\.\n$/),
  })
})

test('a violation is named with its evidence, and the exit code is 1', async () => {
  const { code, stdout, stderr } = await run('--ledger', paths.ledger, '--log', paths.empty)
  expect({ code, stderr }).toEqual({ code: 1, stderr: 'One violation.\n' })
  expect(stdout).toMatch(/^unlogged-invite \(1\)\n {2}An INVITE to \+12125550100 .*\n {4}.*"sipCallId":"SCL_1"/)
  expect(stdout).toMatch(/Broken: unlogged-invite\.\n$/)
})

test('the same for programs', async () => {
  const { code, stdout } = await run('--ledger', paths.ledger, '--log', paths.empty, '--json')
  expect(code).toBe(1)
  expect(JSON.parse(stdout)).toMatchObject({
    violations: [{ rule: 'unlogged-invite' }],
    facts: { invites: 1, calls: 0 },
  })
})

test('evidence that cannot be read is no violation', async () => {
  const { code, stdout, stderr } = await run('--ledger', paths.broken, '--log', paths.empty)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toMatch(/broken\.ndjson, line 1 is no call of a ledger .* sipCallId/)
  expect(await run('--ledger', paths.empty)).toMatchObject({ code: 2, stderr: expect.stringMatching(/DATABASE_URL/) })
})
