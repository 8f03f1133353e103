import { defineConfig } from 'vitest/config'

const shared = { environment: 'node', testTimeout: 30_000, hookTimeout: 60_000 } as const

/** Folders whose tests need a PostgreSQL server: one is started for the whole run. */
const withDatabase = ['packages/{database,dialing,queue}', 'apps/{api,scheduler,dial-worker,webhooks,cli}']
const withoutDatabase = ['packages/{policy,service,telephony}', 'apps/simulator', 'tidy', 'scripts']

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
        },
      },
    ],
  },
})
