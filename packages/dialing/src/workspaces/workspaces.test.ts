import { connect } from '@outdial/database/client'
import { apiKeys, workspaces } from '@outdial/database/schema/workspaces'
import { createTestDatabase, type TestDatabase } from '@outdial/database/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { findApiKey, revokeApiKey } from './api-keys.ts'
import { createWorkspace, ensureDefaultWorkspace } from './workspaces.ts'

const now = new Date('2026-03-02T12:00:00.000Z')
const apiKey = 'a-key-chosen-by-its-operator'

let database: TestDatabase
let engine: ReturnType<typeof connect>

beforeEach(async () => {
  database = await createTestDatabase()
  engine = connect({ url: database.url, role: 'engine', maxConnections: 4 })
})
afterEach(async () => {
  await engine.close()
  await database.drop()
})

describe('the default workspace', () => {
  it('is made once with its key, however many start at once', async () => {
    const made = await Promise.all([1, 2, 3, 4].map(() => ensureDefaultWorkspace(engine, { apiKey, now })))
    expect(new Set(made.map((workspace) => workspace.id)).size).toBe(1)
    expect(await engine.db.select().from(workspaces)).toHaveLength(1)
    expect(await engine.db.select().from(apiKeys)).toHaveLength(1)
    expect(await findApiKey(engine, apiKey)).toMatchObject({ workspaceId: made[0]?.id, prefix: 'a-ke' })
  })

  it('needs no key, and takes a second one later', async () => {
    const first = await ensureDefaultWorkspace(engine, { now })
    expect(await engine.db.select().from(apiKeys)).toEqual([])
    expect((await ensureDefaultWorkspace(engine, { apiKey, now })).id).toBe(first.id)
    expect(await findApiKey(engine, apiKey)).not.toBeNull()
  })

  it.each(['short', 'has spaces in it, and is long', 'ümlauts-are-not-ascii'])('refuses the key %j', async (key) => {
    await expect(ensureDefaultWorkspace(engine, { apiKey: key, now })).rejects.toThrow(/at least 16|printable ASCII/)
  })

  it('refuses a key that was revoked or belongs to others', async () => {
    const { id: workspaceId } = await ensureDefaultWorkspace(engine, { apiKey, now })
    const owner = await findApiKey(engine, apiKey)
    await revokeApiKey(engine, { workspaceId, actor: 'test', now }, { apiKeyId: owner?.apiKeyId ?? '' })
    await expect(ensureDefaultWorkspace(engine, { apiKey, now })).rejects.toThrow('was revoked: choose another one')
    const other = await createWorkspace(engine, { name: 'Other' }, { actor: 'test', now })
    await engine.db.update(apiKeys).set({ workspaceId: other.id, revokedAt: null })
    await expect(ensureDefaultWorkspace(engine, { apiKey, now })).rejects.toThrow('belongs to another workspace')
  })
})

it('lets the role of the API find a key by its hash, and see nothing else without a workspace', async () => {
  await ensureDefaultWorkspace(engine, { apiKey, now })
  const api = connect({ url: database.url, role: 'api', maxConnections: 1 })
  try {
    expect(await findApiKey(api, apiKey)).not.toBeNull()
    expect(await findApiKey(api, `${apiKey}!`)).toBeNull()
    expect(await api.db.select().from(apiKeys)).toEqual([])
    expect(await api.db.select().from(workspaces)).toEqual([])
    await expect(createWorkspace(api, { name: 'Mine' }, { actor: 'test', now })).rejects.toThrow()
  } finally {
    await api.close()
  }
})
