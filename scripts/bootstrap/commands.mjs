import { join } from 'node:path'
import { productEnvironment, root } from './environment.mjs'
import { ensureInstalled } from './install.mjs'
import { findNode } from './node.mjs'
import { runTestsOnRedis } from './redis.mjs'
import { run } from './run.mjs'
import { Advice, say } from './say.mjs'
import { runTests } from './tests.mjs'
import { verify } from './verify.mjs'

const cli = join(root, 'apps/cli/src/main.ts')

/** Those that need WebRTC and what comes with it. */
const withMedia = ['agent', 'conformance', 'e2e-livekit', 'test', 'test-redis', 'verify', 'install']

/** Each gets { node, env, args } and resolves to an exit code. */
const commands = {
  demo: ({ node, env, args }) => run(node, [cli, 'demo', ...args], { env, cwd: whereTheUserIs() }),
  dev: ({ node, env, args }) => run(node, [cli, 'dev', ...args], { env, cwd: whereTheUserIs() }),
  outdial: ({ node, env, args }) => run(node, [cli, ...args], { env, cwd: whereTheUserIs() }),
  agent: ({ node, env, args }) =>
    run(node, [join(root, 'apps/agent/src/main.ts'), ...args], { env, cwd: whereTheUserIs() }),
  chaos: ({ node, env, args }) =>
    run(node, [join(root, 'apps/chaos/src/main.ts'), ...args], { env, cwd: whereTheUserIs() }),
  conformance: ({ node, env, args }) =>
    run(node, [join(root, 'apps/conformance/src/conformance.ts'), ...args], { env: quiet(env), cwd: whereTheUserIs() }),
  'e2e-livekit': ({ node, env, args }) =>
    run(node, [join(root, 'apps/conformance/src/e2e/main.ts'), ...args], { env: quiet(env), cwd: whereTheUserIs() }),
  migrate: ({ node, env, args }) => run(node, [cli, 'migrate', ...args], { env, cwd: root }),
  measure: ({ node, env, args }) =>
    run(node, [join(root, 'apps/chaos/src/measure/main.ts'), ...args], { env, cwd: root }),
  test: runTests,
  'test-redis': runTestsOnRedis,
  verify,
  format: ({ node, env, args }) =>
    run(node, [join(root, 'node_modules/@biomejs/biome/bin/biome'), 'check', '--write', ...args], { env, cwd: root }),
  schema: ({ node, env }) =>
    run(node, [join(root, 'packages/database/scripts/check-schema.ts'), '--write'], { env, cwd: root }),
  install: async () => 0,
}

/** Brings along what is missing, then runs the command on Node 24. Sets the exit code; never throws. */
export async function runCommand(name, args) {
  try {
    const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined
    if (!command)
      throw new Advice(`There is no command "${name ?? ''}". There are: ${Object.keys(commands).join(', ')}.`)
    await ensureInstalled({ media: withMedia.includes(name) })
    const env = productEnvironment()
    process.exitCode = await command({ node: await findNode(env), env, args })
  } catch (error) {
    say(error instanceof Advice ? error.message : `Something unexpected went wrong: ${error?.stack ?? error}`)
    process.exitCode = process.exitCode || 1
  }
}

/** LiveKit's media library tells of every connection otherwise, in the middle of what a command prints. */
function quiet(env) {
  return { ...env, NODE_ENV: 'production' }
}

/** npm changes to the root of the project; a file named on the command line is meant from where the user stands. */
function whereTheUserIs() {
  return process.env.INIT_CWD || process.cwd()
}
