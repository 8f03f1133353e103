import type { BehaviourName } from './behaviours.ts'

/**
 * Numbers that always behave the same, whatever the seed.
 * +1 500 555 00xx lies in a personal-number area code, so no ordinary contact file hits it by accident.
 * The table in docs/simulator.md is this one; a test compares them.
 */
export const magicNumbers: ReadonlyMap<string, BehaviourName> = new Map([
  ['+15005550001', 'answers_interested'],
  ['+15005550002', 'answers_not_interested'],
  ['+15005550003', 'answers_callback'],
  ['+15005550004', 'answers_do_not_call'],
  ['+15005550005', 'answers_wrong_number'],
  ['+15005550006', 'voicemail'],
  ['+15005550007', 'busy'],
  ['+15005550008', 'no_answer'],
  ['+15005550009', 'rejects'],
  ['+15005550010', 'declined'],
  ['+15005550011', 'invalid'],
  ['+15005550012', 'carrier_error'],
  ['+15005550013', 'cps_limit'],
  ['+15005550014', 'slow_answer'],
  ['+15005550015', 'hangs_up_mid_call'],
  ['+15005550016', 'hangs_up_at_once'],
  ['+15005550017', 'agent_silent'],
  ['+15005550018', 'very_long'],
  ['+15005550019', 'carrier_silent'],
  ['+15005550020', 'auth_required'],
  ['+15005550021', 'unauthorized'],
  ['+15005550022', 'forbidden'],
  ['+15005550023', 'busy_everywhere'],
  ['+15005550024', 'gone'],
  ['+15005550025', 'incomplete'],
  ['+15005550026', 'carrier_timeout'],
  ['+15005550027', 'carrier_fault'],
  ['+15005550028', 'request_timeout'],
])
