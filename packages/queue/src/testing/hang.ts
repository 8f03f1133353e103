import { openBackend } from '../backend.ts'
import { consume } from '../consume.ts'
import type { QueueName } from '../jobs.ts'

/**
 * A process to be killed: takes one job, says so on standard output and never finishes it.
 * Arguments: the queue's name, the options of `openQueue` as JSON, how soon others notice its death as JSON.
 */
const [name, server, stalled] = process.argv.slice(2)
const onError = (error: Error) => process.stderr.write(`${error.message}\n`)
const backend = await openBackend({ ...JSON.parse(server ?? ''), onError })
await consume(backend, {
  name: name as QueueName,
  handler: async () => {
    process.stdout.write('started\n')
    await new Promise(() => {})
  },
  concurrency: 1,
  onWake: async () => {},
  onError,
  onConnectionError: onError,
  stalled: JSON.parse(stalled ?? ''),
})
