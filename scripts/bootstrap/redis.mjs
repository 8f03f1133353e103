import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { spawnGuarded } from './guarded.mjs'
import { Advice, say } from './say.mjs'
import { runTests } from './tests.mjs'

/** The suite once more, with the queues on Redis: the one of REDIS_URL, else one of our own. */
export async function runTestsOnRedis({ node, env, args }) {
  if (env.REDIS_URL) return runTests({ node, env: { ...env, OUTDIAL_TEST_QUEUE: 'redis' }, args })
  const server = await startRedis(env)
  try {
    return await runTests({ node, env: { ...env, OUTDIAL_TEST_QUEUE: 'redis', REDIS_URL: server.url }, args })
  } finally {
    await server.stop()
  }
}

async function startRedis(env) {
  const folder = mkdtempSync(join(tmpdir(), 'outdial-redis-'))
  const port = await freePort()
  const settings = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  const { child, ended } = spawnGuarded('redis-server', settings, { env, stdio: ['ignore', 'ignore', 'ignore'] })
  let hasExited = false
  const gone = ended
    .catch(() => undefined)
    .then(() => {
      hasExited = true
    })
  const stop = async () => {
    child.kill('SIGTERM')
    await Promise.race([gone, delay(5_000, undefined, { ref: false })])
    child.kill('SIGKILL')
    await gone
    rmSync(folder, { recursive: true, force: true })
  }
  const deadlineMs = Date.now() + 10_000
  while (!(await answersPing(port))) {
    if (hasExited || Date.now() > deadlineMs) {
      await stop()
      throw new Advice(
        'redis-server could not be started. Install it (Debian: apt-get install redis-server, macOS: brew install redis), ' +
          'or set REDIS_URL to a Redis 6.2 or newer that may be written to, then run: npm run test:redis',
      )
    }
    await delay(50)
  }
  say(`The queues of this run are on a Redis of its own, port ${port}.`)
  return { url: `redis://127.0.0.1:${port}`, stop }
}

function answersPing(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    socket.setTimeout(1_000, () => socket.destroy())
    socket.once('data', (answer) => {
      resolve(answer.toString().startsWith('+PONG'))
      socket.destroy()
    })
    socket.once('error', () => {})
    socket.once('close', () => resolve(false))
  })
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = /** @type {import('node:net').AddressInfo} */ (probe.address())
  probe.close()
  await once(probe, 'close')
  return port
}
