import { once } from 'node:events'
import { ConfigError } from '../config.ts'
import { type Running, runProcess } from '../run.ts'

/** A process for the tests of runProcess; its argument says how it behaves. */
const idle = setInterval(() => {}, 60_000)

const running: Running = {
  async stop() {
    clearInterval(idle)
    process.stdout.write('work finished\n')
  },
}

const stuck: Running = { stop: () => new Promise(() => {}) }

const starts: Record<string, () => Promise<Running>> = {
  well: async () => running,
  'stops never': async () => stuck,
  'stops late': async () => stuck,
  'starts slowly': async () => {
    process.stdout.write('starting\n')
    await once(process.stdin, 'data')
    return running
  },
  'throws later': async () => {
    setImmediate(() => {
      throw new Error('deep trouble')
    })
    return running
  },
  'rejects later': async () => {
    setImmediate(() => Promise.reject(new Error('deep trouble')))
    return running
  },
  'has wrong settings': async () => {
    throw new ConfigError('The environment needs attention:\n  PORT is not set: set it')
  },
  'cannot start': async () => {
    throw new Error('port 3000 is in use')
  },
}

const behaviour = process.argv[2] ?? ''
const start = starts[behaviour]
if (!start) throw new Error(`no behaviour "${behaviour}": choose one of ${Object.keys(starts).join(', ')}`)
await runProcess('test', start, { stopDeadlineMs: behaviour === 'stops late' ? 100 : 60_000 })
