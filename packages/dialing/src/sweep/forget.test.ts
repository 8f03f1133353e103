import { connect, type Database } from '@outdial/database/client'
import { calls } from '@outdial/database/schema/calls'
import { eventLog } from '@outdial/database/schema/event-log'
import { recordings } from '@outdial/database/schema/recordings'
import { auditLog, workspaces } from '@outdial/database/schema/workspaces'
import { asc, eq } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { forgetEvents } from '../event-log.ts'
import { addWorkspace, after, noon, openWorld, type World } from '../testing.ts'
import { forget } from './forget.ts'

const dayMs = 86_400_000
const realNow = new Date()
const daysAgo = (days: number) => new Date(realNow.getTime() - days * dayMs)

let world: World
let owner: Database
beforeAll(async () => {
  world = await openWorld()
  owner = connect({ url: world.databaseUrl, role: 'owner', maxConnections: 1 })
})
afterAll(async () => {
  await owner.close()
  await world.close()
})

describe('entries of the event log', () => {
  const remember = async (...ages: number[]) => {
    const { who } = await addWorkspace(world)
    for (const age of ages) {
      const entry = { workspaceId: who.workspaceId, kind: 'claimed', at: noon, details: { age } }
      await owner.db.insert(eventLog).values({ ...entry, recordedAt: daysAgo(age) })
    }
  }
  const ages = async () =>
    (await world.db.select().from(eventLog).orderBy(asc(eventLog.id))).map(({ details }) => details.age)

  it('stay for good unless the operator wants otherwise, and go by their age', async () => {
    await remember(400, 100, 91, 89, 0)
    expect(await forget(world.deps, { now: noon, realNow, eventLogDays: null })).toMatchObject({ events: 0 })
    expect(await ages()).toEqual([400, 100, 91, 89, 0])
    expect(await forget(world.deps, { now: noon, realNow, eventLogDays: 90 })).toMatchObject({ events: 3 })
    expect(await ages()).toEqual([89, 0])
  })

  it('of the last 30 days are out of everybody’s reach', async () => {
    await expect(forgetEvents(world.db, { realNow, days: 29 })).rejects.toThrow()
    await expect(world.db.delete(eventLog)).rejects.toThrow()
    await expect(forgetEvents(world.apiDeps.db, { realNow, days: 90 })).rejects.toThrow()
    expect(await ages()).toEqual([89, 0])
  })
})

describe('recordings', () => {
  async function recorded(endedDaysAgo: number, changes: Partial<typeof recordings.$inferInsert> = {}) {
    const { who, trunkId } = await addWorkspace(world)
    const { workspaceId } = who
    const [call] = await world.db
      .insert(calls)
      .values({ workspaceId, trunkId, origin: 'single', phoneNumber: '+14155550100', roomName: crypto.randomUUID() })
      .returning()
    const endedAt = after(-endedDaysAgo * dayMs)
    const file = { source: 'livekit', status: 'complete', bucket: 'calls', fileKey: 'a.ogg', endedAt } as const
    const [row] = await world.db
      .insert(recordings)
      .values({ workspaceId, callId: call?.id ?? '', ...file, ...changes })
      .returning()
    const keep = (days: number | null) =>
      world.db.update(workspaces).set({ recordingRetentionDays: days }).where(eq(workspaces.id, workspaceId))
    const read = async () =>
      (
        await world.db
          .select()
          .from(recordings)
          .where(eq(recordings.id, row?.id ?? ''))
      )[0]
    return { workspaceId, keep, read }
  }
  const look = () => forget(world.deps, { now: noon, realNow, eventLogDays: null })

  it('go when they are older than their workspace keeps them, and the audit log says so', async () => {
    const [old, young, kept] = [await recorded(31), await recorded(29), await recorded(4_000)]
    await old.keep(30)
    await young.keep(30)
    expect(await look()).toMatchObject({ recordings: 1 })
    expect(await old.read()).toMatchObject({ status: 'complete', deleteRequestedAt: noon, tryAt: noon, tries: 0 })
    expect(await young.read()).toMatchObject({ deleteRequestedAt: null })
    expect(await kept.read()).toMatchObject({ deleteRequestedAt: null })
    const log = await world.db.select().from(auditLog).where(eq(auditLog.workspaceId, old.workspaceId))
    expect(log).toMatchObject([{ action: 'recordings.expired', actor: 'retention', details: { count: 1, days: 30 } }])
    expect(await look()).toMatchObject({ recordings: 0 })
  })

  it('of others are let go of, and those being made are left alone', async () => {
    const [elsewhere, making] = [await recorded(31, { bucket: null }), await recorded(31, { status: 'recording' })]
    await elsewhere.keep(30)
    await making.keep(30)
    expect(await look()).toMatchObject({ recordings: 1 })
    expect(await elsewhere.read()).toMatchObject({ status: 'deleted', deletedAt: noon, tryAt: null })
    expect(await making.read()).toMatchObject({ status: 'recording', deleteRequestedAt: null })
  })
})
