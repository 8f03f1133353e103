import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { judge } from '../judge.ts'
import { innocent } from '../testing/scenes.ts'
import { readEvidence } from './read-evidence.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'outdial-judge-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function save(name: string, content: string): Promise<string> {
  await writeFile(join(folder, name), content)
  return join(folder, name)
}

const lines = (records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('')
const world = innocent()

describe('a run that was saved', () => {
  const forms: [string, string, string][] = [
    ['as NDJSON', lines(world.ledger), lines(world.log)],
    ['as NDJSON without an end of line', lines(world.ledger).trimEnd(), lines(world.log).replaceAll('\n', '\r\n')],
    ['as lists', JSON.stringify(world.ledger), JSON.stringify(world.log, null, 2)],
    [
      'as the simulator answers',
      JSON.stringify({ calls: world.ledger, summary: {} }),
      JSON.stringify({ entries: world.log }),
    ],
    [
      'as documents for people',
      JSON.stringify({ calls: world.ledger }, null, 2),
      JSON.stringify({ entries: world.log }, null, 2),
    ],
  ]
  test.each(forms)('%s', async (_, ledger, log) => {
    const evidence = await readEvidence({ ledger: await save('ledger', ledger), log: await save('log', log) })
    expect(evidence).toEqual({ ledger: world.ledger, log: world.log })
    expect(judge({ ...evidence, options: { clockSpeed: 1, expectFinished: true } }).violations).toEqual([])
  })

  test('with nothing in it', async () => {
    expect(await readEvidence({ ledger: await save('ledger', ''), log: await save('log', '') })).toEqual({
      ledger: [],
      log: [],
    })
  })
})

describe('what cannot be read says where', () => {
  const good = lines(world.ledger)
  const cases: [string, string, RegExp][] = [
    ['a line that is no JSON', `${good}{"sipCallId":\n`, /ledger, line 4 is no JSON/],
    ['a line without a field', `${good}\n{"sipCallId":"SCL_9"}\n`, /ledger, line 5 is no call of a ledger .* roomName/],
    [
      'a moment that is none',
      good.replace('2026-03-02T15:00:00.000Z', 'noon'),
      /line 1 .* invited\.at: must be an ISO instant/,
    ],
    ['a list with something else in it', '[1]', /call of a ledger 1 is no call/],
    ['a document that is cut off', '[{"sipCallId":', /is no JSON .* Is it cut off\?/],
    ['a document of something else', '{"calls": 3}', /has no list of call/],
    ['text', 'Dear judge,\nI am innocent.', /line 1 is no JSON/],
  ]
  test.each(cases)('%s', async (_, ledger, message) => {
    const log = await save('log', '')
    await expect(readEvidence({ ledger: await save('ledger', ledger), log })).rejects.toThrow(message)
  })

  test('a file that is not there', async () => {
    await expect(readEvidence({ ledger: join(folder, 'nowhere'), log: 'x' })).rejects.toThrow(
      /There is no file .*nowhere/,
    )
    await expect(readEvidence({ ledger: folder, log: 'x' })).rejects.toThrow(/is a folder/)
  })

  test('a database that is not there', async () => {
    const ledger = await save('ledger', good)
    const databaseUrl = 'postgres://nobody@127.0.0.1:1/nothing'
    await expect(readEvidence({ ledger, databaseUrl })).rejects.toThrow(
      /The database cannot be read: .*ECONNREFUSED.* DATABASE_URL/,
    )
  })
})

describe('a simulator', () => {
  async function serve(listener: RequestListener) {
    const server = createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}`, close: () => once(server.close(), 'close') }
  }

  test('is asked for its ledger', async () => {
    const asked: string[] = []
    const server = await serve((request, response) => {
      asked.push(request.url ?? '')
      response.end(lines(world.ledger))
    })
    const log = await save('log', '')
    expect((await readEvidence({ ledger: server.url, log })).ledger).toEqual(world.ledger)
    const page = `${server.url}/_network/ledger?format=json`
    expect((await readEvidence({ ledger: page, log })).ledger).toHaveLength(3)
    expect(asked).toEqual(['/_network/ledger?format=ndjson', '/_network/ledger?format=ndjson'])
    await server.close()
    await expect(readEvidence({ ledger: server.url, log })).rejects.toThrow(/Is the simulator running/)
  })

  test('is not just any server', async () => {
    const server = await serve((_, response) => response.writeHead(404).end())
    const evidence = readEvidence({ ledger: server.url, log: 'x' })
    await expect(evidence).rejects.toThrow(/answers 404\. Give the address of a simulator/)
    await server.close()
  })
})
