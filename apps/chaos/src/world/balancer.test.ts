import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { type Balancer, startBalancer } from './balancer.ts'
import { findPorts } from './ports.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

async function serve(name: string, port: number): Promise<Server> {
  const server = createServer((_, response) => response.end(name)).listen(port, '127.0.0.1')
  await once(server, 'listening')
  open.push(server)
  return server
}

const ask = async ({ url }: Balancer) => (await fetch(url, { headers: { connection: 'close' } })).text()

test('connections go round, past those that do not accept', async () => {
  const [first = 0, second = 0] = await findPorts(2)
  const server = await serve('first', first)
  await serve('second', second)
  const balancer = await startBalancer({ targets: [first, second] })
  open.push(balancer)
  const answers = [await ask(balancer), await ask(balancer), await ask(balancer), await ask(balancer)]
  expect(answers.toSorted()).toEqual(['first', 'first', 'second', 'second'])
  server.closeAllConnections()
  server.close()
  expect([await ask(balancer), await ask(balancer), await ask(balancer)]).toEqual(['second', 'second', 'second'])
  await serve('first again', first)
  expect([await ask(balancer), await ask(balancer)]).toContain('first again')
})

test('without anybody behind it a connection is refused', async () => {
  const [nobody = 0] = await findPorts(1)
  const balancer = await startBalancer({ targets: [nobody] })
  open.push(balancer)
  await expect(ask(balancer)).rejects.toThrow()
})
