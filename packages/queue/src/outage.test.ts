import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { migrateQueue, openQueue, type Queue } from './queue.ts'
import { backends } from './testing/servers.ts'
import { useQueue } from './testing/use-queue.ts'

const patience = { timeout: 25_000, interval: 50 }

describe.each(backends)('$name: when connections break', (backend) => {
  const using = useQueue(backend)

  /** A consumer of every queue, and a way to ask whether all of them still get what is added. */
  async function openAll() {
    const { queue, errors } = await using.open()
    const seen = new Set<string>()
    const ticks: string[] = []
    await queue.work('tick', async ({ trunkId }) => void ticks.push(trunkId), { concurrency: 2 })
    await queue.work('fill', async () => void seen.add('fill'), { concurrency: 2 })
    await queue.work('dial', async () => void seen.add('dial'), { concurrency: 2 })
    await queue.work('apply', async () => void seen.add('apply'), { concurrency: 2 })
    await queue.work('notify', async () => void seen.add('notify'), { concurrency: 2 })
    const expectAllToWork = async () => {
      seen.clear()
      ticks.length = 0
      await expect
        .poll(async () => {
          await addOneOfEach(queue)
          return [...seen, ...(ticks.length > 0 ? ['tick'] : [])].sort()
        }, patience)
        .toEqual(['apply', 'dial', 'fill', 'notify', 'tick'])
    }
    return { queue, errors, ticks, expectAllToWork }
  }

  test('the server ends all of them: work goes on', async () => {
    const { expectAllToWork } = await openAll()
    await expectAllToWork()
    await using.server.dropConnections()
    await expectAllToWork()
    await using.server.dropConnections()
    await expectAllToWork()
  })

  test('a tick that was planned before comes after', async () => {
    const { queue, ticks } = await openAll()
    const trunkId = randomUUID()
    await queue.tick(trunkId, { delayMs: 1_500 })
    await using.server.dropConnections()
    await expect.poll(() => ticks, patience).toEqual([trunkId])
  })

  test('an outage: adding reports and resolves, ping rejects, and all is well once it is over', async () => {
    const { queue, errors, expectAllToWork } = await openAll()
    using.server.line.cut()
    await addOneOfEach(queue)
    await expect(queue.ping()).rejects.toThrow()
    const texts = () => errors.map(({ error }) => error.message)
    for (const name of ['tick', 'fill', 'dial', 'apply', 'notify']) {
      expect(texts()).toContain(`could not add to ${name}; the sweep will find it`)
    }
    using.server.line.mend()
    await expectAllToWork()
  })

  test('closing ends, though the server is gone and a job was running', async () => {
    const { queue } = await using.open()
    const [started, release] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const handler = async () => {
      started.resolve()
      await release.promise
    }
    const consumer = await queue.work('dial', handler, { concurrency: 1 })
    await queue.dial([{ callId: randomUUID(), delayMs: 0 }])
    await started.promise
    using.server.line.cut()
    release.resolve()
    await consumer.close()
    await queue.close()
    using.server.line.mend()
    await expect(queue.ping()).rejects.toThrow()
  })

  test('a server that cannot be reached is named, without the password', async () => {
    using.server.line.cut()
    const { databaseUrl, redisUrl } = using.server
    const withPassword = (url: string) => url.replace(/\/\/([^@/]*@)?/, '//someone:hush@')
    const opening = openQueue({
      databaseUrl: withPassword(databaseUrl),
      redisUrl: redisUrl && withPassword(redisUrl),
      onError: () => {},
    })
    await expect(opening).rejects.toThrow(/^cannot reach (PostgreSQL|Redis) at 127\.0\.0\.1:\d+.*start it or correct/)
    using.server.line.mend()
  })
})

describe('PostgreSQL: tables', () => {
  const postgres = backends[0]
  if (!postgres) throw new Error('PostgreSQL is always among the backends')
  const using = useQueue(postgres)

  test('several processes may migrate at once, and again', async () => {
    const migrations = Array.from({ length: 4 }, () => migrateQueue(using.server))
    await expect(Promise.all(migrations)).resolves.toHaveLength(4)
  })

  test('a login that owns nothing carries jobs once it is granted to', async () => {
    const { databaseUrl } = using.server
    const owner = await logIn(databaseUrl)
    const role = `carrier_${randomUUID().slice(0, 8)}`
    await owner.query(`create role ${role} login password 'carrier'`)
    const url = databaseUrl.replace(/\/\/[^@]*@/, `//${role}:carrier@`)
    const open = () => openQueue({ databaseUrl: url, onError: (error) => done.reject(error) })
    const done = Promise.withResolvers<void>()
    try {
      await expect(open()).rejects.toThrow('permission denied')
      await migrateQueue({ databaseUrl, grantTo: [role] })
      const queue = await open()
      await queue.work('dial', async () => queue.tick(randomUUID(), { delayMs: 10 }), { concurrency: 1 })
      await queue.work('tick', async () => done.resolve(), { concurrency: 1 })
      await queue.dial([{ callId: randomUUID(), delayMs: 0 }])
      await expect(done.promise).resolves.toBeUndefined()
      await queue.close()
    } finally {
      await owner.query(`drop owned by ${role}; drop role ${role}`)
      await owner.end()
    }
  })

  test('without tables it says what to do', async () => {
    const { databaseUrl } = using.server
    const owner = await logIn(databaseUrl)
    await owner.query('alter schema bullmq rename to elsewhere')
    try {
      await expect(openQueue({ databaseUrl, onError: () => {} })).rejects.toThrow('run the migrations first')
    } finally {
      await owner.query('alter schema elsewhere rename to bullmq')
      await owner.end()
    }
  })

  test('with Redis there is nothing to migrate', async () => {
    const databaseUrl = 'postgres://nobody@127.0.0.1:1/none'
    await expect(migrateQueue({ databaseUrl, redisUrl: 'redis://127.0.0.1' })).resolves.toBeUndefined()
    await expect(migrateQueue({ databaseUrl })).rejects.toThrow('ECONNREFUSED')
  })
})

async function logIn(databaseUrl: string): Promise<pg.Client> {
  const client = new pg.Client(databaseUrl)
  client.on('error', () => {}) // the line was cut after the test failed
  await client.connect()
  return client
}

async function addOneOfEach(queue: Queue): Promise<void> {
  const dial = queue.dial([{ callId: randomUUID(), delayMs: 0 }])
  await Promise.all([queue.tick(randomUUID()), queue.fill(randomUUID()), dial, queue.apply(), queue.notify()])
}
