import { defineConfig } from 'vitest/config'
import type {} from './packages/database/src/testing.ts'

const { env } = process
const onRedis = env.OUTDIAL_TEST_QUEUE === 'redis'
if (onRedis && !env.REDIS_URL) throw new Error('OUTDIAL_TEST_QUEUE=redis needs REDIS_URL, or run: npm run test:redis')

const shared = {
  environment: 'node',
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // A second, the default, is what one slow commit may take on a busy machine.
  expect: { poll: { timeout: 10_000 } },
  provide: {
    ownServerUrl: env.TEST_DATABASE_URL ?? env.DATABASE_URL ?? '',
    redisUrl: onRedis ? (env.REDIS_URL ?? '') : '',
    testServer: { url: '', template: '' },
  },
} as const

/** Folders whose tests need a PostgreSQL server: one is started for the whole run. */
const withQueue = ['packages/{dialing,queue}', 'apps/{api,scheduler,dial-worker,webhooks,cli}']
const withoutDatabase = [
  'packages/{policy,service,telephony,judge}',
  'apps/{simulator,chaos,conformance,agent}',
  'tidy',
  'scripts',
]

const plain = { ...shared, name: 'plain', include: withoutDatabase.map((folder) => `${folder}/**/*.test.ts`) }
const database = {
  ...shared,
  name: 'database',
  // What has no queue is the same whatever carries it.
  include: [...withQueue, ...(onRedis ? [] : ['packages/database'])].map((folder) => `${folder}/**/*.test.ts`),
  globalSetup: 'packages/database/src/testing-setup.ts',
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [...(onRedis ? [] : [{ test: plain }]), { test: database }],
  },
})
