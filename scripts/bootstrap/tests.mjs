import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { root } from './environment.mjs'
import { run } from './run.mjs'

const vitest = join(root, 'node_modules/vitest/vitest.mjs')

/** Runs the tests (those whose file names match `args`, if any) and ends with a line that sums them up. */
export async function runTests({ node, env, args }) {
  const folder = mkdtempSync(join(tmpdir(), 'outdial-tests-'))
  const report = join(folder, 'report.json')
  try {
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
    const code = await run(node, [vitest, 'run', ...reporters, ...args], { env, cwd: root })
    const totals = totalsOf(readReport(report), code)
    process.stdout.write(`\n${totals.passed} passed, ${totals.failed} failed\n`)
    return code || (totals.failed > 0 ? 1 : 0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A file that could not even be loaded counts as one failure, and so does a run that failed in any other way. */
export function totalsOf(report, code) {
  const files = report?.testResults ?? []
  const isFailed = (test) => test.status === 'failed'
  const unloaded = files.filter((file) => isFailed(file) && !file.assertionResults.some(isFailed)).length
  const failed = (report?.numFailedTests ?? 0) + unloaded
  return { passed: report?.numPassedTests ?? 0, failed: failed || (report && code === 0 ? 0 : 1) }
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
