import type { LedgerCall, LogEntry, Told } from '../evidence.ts'
import { type JudgeOptions, judge } from '../judge.ts'
import type { Verdict } from '../verdict.ts'
import { type Draw, type Ending, endings } from './endings.ts'

/** Monday, 10:00 in New York. */
export const startMs = Date.parse('2026-03-02T15:00:00Z')

export const usualSettings = {
  timezone: 'America/New_York',
  localTime: 'contact',
  callingDays: ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'],
  ...{ startHour: 0, endHour: 0, windows: [] as { day: string; from: string; to: string }[] },
  ...{ holidayCalendar: [] as string[], startAt: null as string | null, endAt: null as string | null },
  ...{ unknownTimezone: 'campaign', jurisdictionRules: 'warn', law: null as unknown, dailyCap: null as number | null },
  ...{ callsPerSecond: null as number | null, maxConcurrency: null as number | null, callDelayMs: 0, weight: 1 },
  ...{ ringTimeoutSeconds: 30, maxCallSeconds: 1_800, maxAttemptsPerContact: 3, maxAttemptsPerDay: 3 },
  retry: {
    busy: { attempts: 3, delaySeconds: 600, backoff: 'fixed' },
    no_answer: { attempts: 3, delaySeconds: 60, backoff: 'exponential' },
    voicemail: { attempts: 2, delaySeconds: 60, backoff: 'fixed' },
  } as Record<string, { attempts: number; delaySeconds: number; backoff: string }>,
}
export type Settings = typeof usualSettings

export type CallPlan = {
  /** Seconds of the simulation after the start at which the INVITE leaves. */
  second: number
  /** Null: a call that somebody asked for. */
  campaign?: string | null
  contact?: string
  to?: string
  zoneKey?: string
  trunk?: string
  ending?: Ending
  lastsSeconds?: number
  /** What follows for the contact: a number of seconds until it is due again, or a reason to be finished. */
  next?: number | 'finished' | 'nothing'
}

type NewEntry = Partial<LogEntry> & { kind: string; second: number }

const common = { workspaceId: 'w1', campaignId: null, contactId: null, callId: null, trunkId: null }

/** Evidence put together by hand: an innocent run, until a test spoils it. */
export function buildWorld({ clockSpeed = 1 }: { clockSpeed?: number } = {}) {
  const ledger: LedgerCall[] = []
  const log: LogEntry[] = []
  const told: Told = { campaigns: [], openCalls: [] }
  const moment = (second: number) => {
    const ms = startMs + Math.round(second * 1_000)
    return { at: new Date(ms).toISOString(), realMs: startMs + Math.round((second * 1_000) / clockSpeed) }
  }
  let lastId = 0

  function write({ second, ...entry }: NewEntry): LogEntry {
    const { at, realMs } = moment(second)
    lastId += 1
    const recordedAt = new Date(realMs).toISOString()
    const written = { ...common, details: {}, id: lastId, at, recordedAt, ...entry }
    log.push(written)
    return written
  }

  function toldOf(id: string): Told['campaigns'][number] {
    const known = told.campaigns.find((each) => each.id === id)
    if (known) return known
    const fresh = { id, status: 'running', contacts: { total: 0, waiting: 0, claimed: 0, finished: 0 }, calls: {} }
    told.campaigns.push(fresh)
    return fresh
  }

  return {
    ...{ ledger, log, told, write, moment },
    trunk(trunkId: string, limits: { callsPerSecond?: number; maxConcurrency?: number; second?: number } = {}) {
      const { second = -10, ...rest } = limits
      const details = { livekitTrunkId: `ST_${trunkId}`, callsPerSecond: 100, maxConcurrency: 100, ...rest }
      write({ kind: 'trunk_changed', second, trunkId, details })
    },
    campaign(campaignId: string, { contacts = 1, ...settings }: Partial<Settings> & { contacts?: number } = {}) {
      const details = { trunkId: 't1', settings: { ...usualSettings, ...settings } }
      write({ kind: 'campaign_started', second: -9, campaignId, details })
      write({ kind: 'contacts_added', second: -8, campaignId, details: { count: contacts } })
      const counted = toldOf(campaignId).contacts
      counted.total += contacts
      counted.waiting += contacts
    },
    call(plan: CallPlan): LedgerCall {
      const written = writeCall({ write, moment }, { ...plan, callId: `c${ledger.length + 1}` })
      ledger.push(written.seen)
      const { campaign = 'k1' } = plan
      if (campaign !== null) countCall(toldOf(campaign), written)
      return written.seen
    },
    complete(campaignId: string, second = 100_000) {
      write({ kind: 'campaign_completed', second, campaignId })
      toldOf(campaignId).status = 'completed'
    },
    judge: (options: Partial<JudgeOptions> = {}): Verdict =>
      judge({ ledger, log, told, options: { clockSpeed, expectFinished: true, ...options } }),
  }
}

export type World = ReturnType<typeof buildWorld>

type Written = { seen: LedgerCall; disposition: string; isFinished: boolean }

/** From the claim to what follows for the contact, the way the engine writes it. */
function writeCall({ write, moment }: Pick<World, 'write' | 'moment'>, plan: CallPlan & { callId: string }): Written {
  const { second, callId, campaign = 'k1', trunk = 't1', ending = 'busy', lastsSeconds = 5, next = 'finished' } = plan
  const contactId = campaign === null ? null : (plan.contact ?? 'p1')
  const of = { campaignId: campaign, contactId, callId, trunkId: trunk }
  const startsAt = moment(second).at
  const dialDay = new Date(Date.parse(startsAt) - 5 * 3_600_000).toISOString().slice(0, 10)
  const claim = { startsAt, dialDay, attempt: 1, zoneKey: plan.zoneKey ?? '' }
  write({ kind: 'claimed', second: second - 1.5, ...of, details: claim })
  write({ kind: 'permitted', second: second - 0.3, ...of })
  write({ kind: 'dialed', second, ...of, details: { startsAt } })
  const over = second + lastsSeconds
  const draw: Draw = endings[ending]
  const { disposition, outcome = null, signals, burned, seen } = draw(moment, { second, over })
  write({ kind: 'applied', second: over, ...of, details: { signals, status: 'failed', disposition, outcome, burned } })
  if (campaign !== null && next === 'finished') {
    write({ kind: 'finished', second: over, ...of, details: { reason: 'exhausted', disposition, outcome } })
  }
  if (typeof next === 'number') {
    const dueAt = moment(over + next).at
    write({ kind: 'retried', second: over, ...of, details: { dueAt, disposition, outcome, burned } })
  }
  const to = plan.to ?? `+1212555${String(100 + Number((plan.contact ?? 'p1').slice(1))).padStart(4, '0')}`
  const leg = { sipCallId: `SCL_${callId}`, roomName: `call-${callId}`, to, trunkId: `ST_${trunk}` }
  return {
    seen: { ...leg, invited: moment(second), ended: moment(over), ...seen },
    ...{ disposition, isFinished: next === 'finished' },
  }
}

function countCall(told: Told['campaigns'][number], { disposition, isFinished }: Written): void {
  told.calls[disposition] = (told.calls[disposition] ?? 0) + 1
  if (!isFinished) return
  told.contacts.waiting -= 1
  told.contacts.finished += 1
}
