import postgres from 'postgres'
import { expect, test } from 'vitest'
import { createTestDatabase } from './testing.ts'

test('two test databases have the schema and none of the rows of the other', async () => {
  const [one, two] = await Promise.all([createTestDatabase(), createTestDatabase()])
  const [first, second] = [postgres(one.url, { max: 1 }), postgres(two.url, { max: 1 })]
  await first`create table only_here (id int)`
  const tablesOf = async (sql: postgres.Sql) =>
    (await sql<{ tablename: string }[]>`select tablename from pg_tables where schemaname = 'public'`).map(
      ({ tablename }) => tablename,
    )
  expect(await tablesOf(first)).toEqual(expect.arrayContaining(['campaigns', 'only_here']))
  expect(await tablesOf(second)).toContain('campaigns')
  expect(await tablesOf(second)).not.toContain('only_here')
  await Promise.all([first.end(), second.end(), one.drop(), two.drop()])
})

test('a dropped database is gone, whoever is still connected', async () => {
  const database = await createTestDatabase()
  const sql = postgres(database.url, { max: 1, onclose: () => {} })
  await sql`select 1`
  await database.drop()
  const again = postgres(database.url, { max: 1 })
  await expect(again`select 1`).rejects.toThrow(/does not exist/)
  await Promise.all([sql.end({ timeout: 1 }), again.end({ timeout: 1 })])
})
