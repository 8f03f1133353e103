import fc from 'fast-check'
import { expect, test } from 'vitest'
import { campaignActions, moveCampaign } from './campaign-lifecycle.ts'
import { type CampaignStatus, campaignStatuses } from './states.ts'

/** Rows are statuses, columns the actions in their order; `=` nothing to do, `-` refused. */
const table: Record<CampaignStatus, string> = {
  idle: 'running - - =',
  running: '= paused = idle',
  paused: '- = running idle',
  completed: '- - - -',
  error: '- - running idle',
}

test.each(campaignStatuses.flatMap((status) => campaignActions.map((action) => [status, action] as const)))(
  '%s: %s',
  (status, action) => {
    const expected = table[status].split(' ')[campaignActions.indexOf(action)]
    const move = moveCampaign(status, action)
    if (expected === '-') expect(move.ok).toBe(false)
    else if (expected === '=') expect(move).toEqual({ ok: true, status, changed: false })
    else expect(move).toEqual({ ok: true, status: expected, changed: true })
  },
)

test('a refusal says what is allowed, and that is', () => {
  for (const status of campaignStatuses) {
    for (const action of campaignActions) {
      const move = moveCampaign(status, action)
      if (move.ok) continue
      for (const allowed of move.allowed)
        expect(moveCampaign(status, allowed)).toMatchObject({ ok: true, changed: true })
    }
  }
  expect(moveCampaign('error', 'start')).toEqual({ ok: false, allowed: ['resume', 'stop'] })
  expect(moveCampaign('completed', 'start')).toEqual({ ok: false, allowed: [] })
})

test('repeating an action changes nothing', () => {
  for (const status of campaignStatuses) {
    for (const action of campaignActions) {
      const first = moveCampaign(status, action)
      if (first.ok)
        expect(moveCampaign(first.status, action)).toEqual({ ok: true, status: first.status, changed: false })
    }
  }
})

test('whatever people press in whatever order: a refusal moves nothing, what is over stays over, a pause needs a run', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...campaignStatuses),
      fc.array(fc.constantFrom(...campaignActions)),
      (begin, actions) => {
        let status: CampaignStatus = begin
        for (const action of actions) {
          const move = moveCampaign(status, action)
          if (status === 'completed') expect(move.ok).toBe(false)
          if (!move.ok) continue
          expect(move.changed).toBe(move.status !== status)
          if (move.status === 'paused' && move.changed) expect(status).toBe('running')
          expect(['completed', 'error']).not.toContain(move.status)
          status = move.status
        }
      },
    ),
  )
})
