import { defineConfig } from 'vitest/config'
import type {} from './packages/database/src/testing.ts'

const { env } = process
const onRedis = env.OUTDIAL_TEST_QUEUE === 'redis'
if (onRedis && !env.REDIS_URL) throw new Error('OUTDIAL_TEST_QUEUE=redis needs REDIS_URL, or run: npm run test:redis')

const shared = {
  environment: 'node',
  testTimeout: 30_000,
  hookTimeout: 60_000,
  provide: {
    ownServerUrl: env.TEST_DATABASE_URL ?? env.DATABASE_URL ?? '',
    redisUrl: onRedis ? (env.REDIS_URL ?? '') : '',
    testServer: { url: '', template: '' },
  },
} as const

/** Folders whose tests need a PostgreSQL server: one is started for the whole run. */
const withDatabase = ['packages/{database,dialing,queue}', 'apps/{api,scheduler,dial-worker,webhooks,cli}']
const withoutDatabase = [
  'packages/{policy,service,telephony,judge}',
  'apps/{simulator,chaos,conformance,agent}',
  'tidy',
  'scripts',
]

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      { test: { ...shared, name: 'plain', include: withoutDatabase.map((folder) => `${folder}/**/*.test.ts`) } },
      {
        test: {
          ...shared,
          name: 'database',
          include: withDatabase.map((folder) => `${folder}/**/*.test.ts`),
          globalSetup: 'packages/database/src/testing-setup.ts',
        },
      },
    ],
  },
})
