import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { z } from 'zod'

/** The header of an INVITE in which the id of its call comes: that of the metadata `account_code`. */
export const callIdHeader = 'x-account-code'

const question = z.object({ call_id: z.string() })

/**
 * A pre-dial address that says yes to every call and gives it its own id as the account code. So each INVITE says which
 * call it belongs to, and the telephone can tell.
 */
export async function openPredialAddress(): Promise<{ url: string; asked(): number; close(): Promise<void> }> {
  let asked = 0
  const server = createServer((request, response) => {
    void json(request).then((body) => {
      asked += 1
      const { call_id: callId } = question.parse(body)
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ dial: true, metadata: { account_code: callId } }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/before-dialing`,
    asked: () => asked,
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
