import postgres from 'postgres'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../src/testing.ts'
import { dumpSchema } from './dump-schema.ts'

let database: TestDatabase
let sql: postgres.Sql
let original: string
beforeAll(async () => {
  database = await createTestDatabase()
  sql = postgres(database.url, { max: 1, onnotice: () => {} })
  original = await dumpSchema(sql)
})
afterAll(async () => {
  await sql.end()
  await database.drop()
})

test('the same schema gives the same text in another database', async () => {
  const other = await createTestDatabase()
  const otherSql = postgres(other.url, { max: 1 })
  expect(await dumpSchema(otherSql)).toBe(original)
  await otherSql.end()
  await other.drop()
})

/** Everything that decides what the database allows shows, and is gone again after a rollback. */
test.each([
  'alter table workspaces add column extra text',
  'alter table workspaces alter column name drop not null',
  'alter table workspaces alter column created_at drop default',
  "alter table workspaces add constraint extra check (name <> '')",
  'alter table workspaces disable row level security',
  'create index extra on calls (phone_number)',
  'create table extra (id integer generated always as identity)',
  "alter type outcome add value 'extra'",
  'create policy extra on calls as restrictive for select using (true)',
  'drop policy one_workspace on calls',
  'revoke select on calls from outdial_api',
  'grant select (name) on workspaces to outdial_engine',
  'grant execute on function find_api_key to public',
  'alter view campaign_calls set (security_invoker = false)',
  'drop view campaign_calls',
  'create function extra() returns int language sql return 1',
  'create trigger extra before insert on calls for each row execute function suppress_redundant_updates_trigger()',
])('the dump shows: %s', async (statement) => {
  let changed = original
  await sql
    .begin(async (tx) => {
      await tx.unsafe(statement)
      changed = await dumpSchema(tx)
      throw new Error('roll back')
    })
    .catch((error: Error) => expect(error.message).toBe('roll back'))
  expect(changed).not.toBe(original)
  expect(await dumpSchema(sql)).toBe(original)
})
