import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'

export type RedisServer = { url: string; stop(): Promise<void> }

/** True when a redis-server is on the PATH. */
export async function hasRedisServer(): Promise<boolean> {
  const probe = spawn('redis-server', ['--version'], { stdio: 'ignore' })
  const { promise, resolve } = Promise.withResolvers<boolean>()
  probe.once('error', () => resolve(false))
  probe.once('exit', (code) => resolve(code === 0))
  return promise
}

/** A private Redis that keeps nothing on disk, on a free port; resolves once it answers. */
export async function startRedisServer(): Promise<RedisServer> {
  const directory = await mkdtemp(join(tmpdir(), 'outdial-redis-'))
  const port = await freePort()
  const settings = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', directory, '--save', '', '--appendonly', 'no']
  const server = spawn('redis-server', settings, { stdio: 'ignore' })
  const url = `redis://127.0.0.1:${port}`
  const stop = async () => {
    await end(server)
    await rm(directory, { recursive: true, force: true })
  }
  const probe = new Redis(url, { retryStrategy: () => 20, maxRetriesPerRequest: 250 })
  probe.on('error', () => {}) // until it listens
  try {
    await probe.ping()
    return { url, stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    probe.disconnect()
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill('SIGKILL')
  await exited
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port was assigned: try again')
  return address.port
}
