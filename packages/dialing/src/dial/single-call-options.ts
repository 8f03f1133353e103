import type { PermittedCall } from './permit.ts'

/** The agent to send for; null where somebody else talks to the callee. */
export function agentOf({ call, assistant }: Pick<PermittedCall, 'call' | 'assistant'>): string | null {
  const own = call.options?.agentName
  return own === undefined ? (assistant?.agentName ?? null) : own
}

/** Whether a call without an agent in its room is a failure. */
export function expectsAgent({ options }: Pick<PermittedCall['call'], 'options'>): boolean {
  return options?.agentName !== null
}

/** Of the callee in LiveKit's room. */
export function identityOf({ id, options }: Pick<PermittedCall['call'], 'id' | 'options'>): string {
  return options?.participantIdentity ?? `callee-${id}`
}

/** What the callee's telephone shows as the caller's name; left out, the carrier decides. */
export function displayNameOf({ call, campaign }: Pick<PermittedCall, 'call' | 'campaign'>): { displayName?: string } {
  const displayName = call.options?.displayName ?? campaign?.displayName
  return displayName ? { displayName } : {}
}
