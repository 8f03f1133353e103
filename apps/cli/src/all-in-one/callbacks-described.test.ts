import { createApi } from '@outdial/api/api'
import { createWebhooks } from '@outdial/webhooks/webhooks'
import { expect, test } from 'vitest'

type Operation = { tags?: string[] }

test('the document of the API describes every address of the webhooks role, and no other as such', () => {
  const nothing = {} as Parameters<typeof createApi>[0]['deps']
  const clock = { now: () => new Date(0), realNow: () => new Date(0), realDelayUntil: () => 0 }
  const webhooks = createWebhooks({ deps: nothing, clock, livekit: { apiKey: 'key', apiSecret: 'secret' } })
  const served = webhooks.routes
    .filter(({ path }) => path.startsWith('/api/'))
    .map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`)

  const api = createApi({ deps: nothing, clock, auth: {} })
  const { paths = {} } = api.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Test', version: '1' } })
  const described = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => (operation as Operation).tags?.includes('Callbacks'))
      .map(([method]) => `${method.toUpperCase()} ${path}`),
  )
  expect(served).not.toEqual([])
  expect(described.toSorted()).toEqual([...new Set(served)].toSorted())
})
