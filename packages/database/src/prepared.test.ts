import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type Database, inWorkspace } from './client.ts'
import { createTestDatabase, type TestDatabase } from './testing.ts'

const workspaceId = '01890000-0000-7000-8000-000000000001'

let testDatabase: TestDatabase
let database: Database
beforeAll(async () => {
  testDatabase = await createTestDatabase()
  database = connect({ url: testDatabase.url, role: 'engine', maxConnections: 1 })
})
afterAll(async () => {
  await database.close()
  await testDatabase.drop()
})

const preparedTexts = async (like: string) =>
  (await database.db.execute<{ statement: string }>(sql`select statement from pg_prepared_statements`))
    .map(({ statement }) => statement)
    .filter((statement) => statement.includes(like))

test('what is asked again is prepared once, also in transactions', async () => {
  const ask = (number: number) => sql`select ${number}::int + 1 as outside`
  for (const number of [1, 2, 3]) {
    expect(await database.db.execute(ask(number))).toEqual([{ outside: number + 1 }])
    const inside = await inWorkspace(database.db, workspaceId, (tx) =>
      tx.transaction((nested) => nested.execute(sql`select ${number}::int + 2 as inside`)),
    )
    expect(inside).toEqual([{ inside: number + 2 }])
  }
  expect(await preparedTexts('as outside')).toHaveLength(1)
  expect(await preparedTexts('as inside')).toHaveLength(1)
})

test('long lists are not prepared, as each length would stay', async () => {
  const list = sql.join(
    Array.from({ length: 61 }, (_, index) => sql`${index}::int`),
    sql`, `,
  )
  expect(await database.db.execute(sql`select 61 = any(array[${list}]) as long`)).toEqual([{ long: false }])
  expect(await preparedTexts('as long')).toEqual([])
})

test('a failed statement leaves the connection usable, and can be asked again', async () => {
  const divide = (by: number) => database.db.execute(sql`select 6 / ${by}::int as divided`)
  await expect(divide(0)).rejects.toThrow()
  expect(await divide(2)).toEqual([{ divided: 3 }])
  await expect(divide(0)).rejects.toThrow()
  expect(await divide(3)).toEqual([{ divided: 2 }])
})
