import { describe, expect, test } from 'vitest'
import { faultKinds } from './faults.ts'
import { makePlan } from './plan.ts'
import { userKinds } from './users.ts'
import { wallMinutes, windowBetween } from './wall-clock.ts'

const forty = Array.from({ length: 40 }, (_, seed) => makePlan(seed + 1))

describe('a plan', () => {
  test('is the same for the same seed and another one for another', () => {
    expect(makePlan(7)).toEqual(makePlan(7))
    expect(new Set(forty.map((plan) => JSON.stringify(plan))).size).toBe(40)
  })

  test('has what each run has to have', () => {
    for (const { workspaces, faults, users, schedule } of forty) {
      const campaigns = workspaces.flatMap((workspace) => workspace.campaigns)
      expect(workspaces.length).toBeGreaterThanOrEqual(2)
      expect(campaigns.length).toBeGreaterThanOrEqual(4)
      expect(campaigns.length).toBeLessThanOrEqual(6)
      for (const list of workspaces.flatMap(({ lists }) => lists)) {
        expect(list.length).toBeGreaterThanOrEqual(20)
        expect(new Set(list.map(({ phoneNumber }) => phoneNumber)).size).toBe(list.length)
      }
      for (const { hours } of campaigns) expect(hours.windows.length).toBeLessThanOrEqual(100)
      for (const fault of faults) {
        expect(fault.atMs + ('forMs' in fault ? fault.forMs : 0)).toBeLessThanOrEqual(schedule.calmMs)
      }
      expect(users.length).toBeGreaterThan(10)
    }
  })

  test('takes up again whatever it pauses or stops', () => {
    for (const { users } of forty) {
      const count = (kind: string) => users.filter((action) => action.kind === kind).length
      expect(count('resume')).toBe(count('pause'))
      expect(count('start')).toBe(count('stop'))
    }
  })

  test('forty of them know every fault, every user, both clocks and every kind of hours', () => {
    const faults = forty.flatMap((plan) => plan.faults)
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(faultKinds))
    expect(new Set(forty.flatMap(({ users }) => users.map(({ kind }) => kind)))).toEqual(new Set(userKinds))
    const rules = faults.flatMap((fault) => ('rule' in fault ? [`${fault.rule.action} ${fault.rule.when ?? ''}`] : []))
    const requests = ['timeout', 'reset', '5xx'].flatMap((action) => [`${action} before`, `${action} after`])
    requests.push('rate_limit before', 'no_response before')
    expect(rules).toEqual(expect.arrayContaining([...requests, 'drop ', 'double ', 'delay ', 'reorder ']))
    expect(new Set(forty.map(({ skewMs }) => skewMs)).size).toBe(3)
    const points = new Set(forty.flatMap(({ failures }) => failures.map(({ point }) => point)))
    expect(points.size).toBe(9)
    const modes = faults.flatMap((fault) => (fault.kind === 'postgres_stop' ? [fault.mode] : []))
    expect(new Set(modes)).toEqual(new Set(['fast', 'immediate']))
  })
})

describe('the wall clock', () => {
  test('reads what people in a zone see', () => {
    const at = Date.parse('2026-04-04T14:45:00Z')
    expect(windowBetween(wallMinutes('Australia/Lord_Howe', at), wallMinutes('Australia/Lord_Howe', at) + 60)).toEqual({
      day: 'sunday',
      from: '01:45',
      to: '02:45',
    })
    expect(windowBetween(wallMinutes('Asia/Kathmandu', at) + 200, wallMinutes('Asia/Kathmandu', at) + 300)).toEqual({
      day: 'saturday',
      from: '23:50',
      to: '01:30',
    })
  })
})
