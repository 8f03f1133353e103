import type { PlacedCall } from '@outdial/dialing/calls/await-call'
import { Problem } from '../http/problem.ts'

/** Whether a call is over without anybody having answered. */
export function wasNotAnswered({ call }: PlacedCall): boolean {
  return call.endedAt !== null && call.answeredAt === null
}

/** The telephone may have rung: a repeat with the same Idempotency-Key finds the same call and gets the same answer. */
export function notAnswered({ call }: PlacedCall): Problem {
  const { id: callId, roomName, status, disposition, sipStatusCode } = call
  const detail = call.endReason ?? 'The call ended before anybody answered.'
  return new Problem(409, 'call_not_answered', {
    detail,
    hadEffect: true,
    extra: { callId, roomName, callStatus: status, disposition, sipStatusCode },
  })
}
