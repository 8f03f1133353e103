import { delimiter, dirname, join } from 'node:path'
import { root } from './environment.mjs'
import { findPnpm } from './install.mjs'
import { run } from './run.mjs'
import { say } from './say.mjs'

const bin = (file) => join(root, 'node_modules', file)

const steps = [
  { name: 'format and lint', args: [bin('@biomejs/biome/bin/biome'), 'check', '--error-on-warnings'] },
  { name: 'lint with types', args: [bin('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'types', args: [bin('turbo/bin/turbo'), 'run', 'typecheck', '--output-logs=errors-only'] },
  { name: 'architecture', args: [bin('vitest/vitest.mjs'), 'run', 'tidy', '--reporter=dot'] },
  { name: 'unused code', args: [bin('knip/bin/knip.js')] },
  { name: 'migrations and schema.sql', args: [join(root, 'packages/database/scripts/check-schema.ts')] },
]

/** Runs every check, also after one has failed, and ends with a line that sums them up. */
export async function verify({ node, env }) {
  const path = [dirname(await findPnpm()), env.PATH].join(delimiter)
  const stepEnv = { ...env, PATH: path, TURBO_TELEMETRY_DISABLED: '1', DO_NOT_TRACK: '1' }
  const failed = []
  for (const { name, args } of steps) {
    const startedAtMs = Date.now()
    const code = await run(node, args, { env: stepEnv, cwd: root })
    // Interrupted: the remaining checks are not wanted either.
    if (code > 128) return code
    if (code !== 0) failed.push(name)
    say(`${code === 0 ? 'ok' : 'FAILED'}: ${name} (${((Date.now() - startedAtMs) / 1000).toFixed(1)} s)`)
  }
  if (failed.length > 0) say(`Failed: ${failed.join(', ')}`)
  process.stdout.write(`\n${steps.length - failed.length} passed, ${failed.length} failed\n`)
  return failed.length === 0 ? 0 : 1
}
