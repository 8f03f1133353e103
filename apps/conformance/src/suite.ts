import { accessCases } from './cases/access.ts'
import { agentCases } from './cases/agents.ts'
import { answeredCases } from './cases/answered.ts'
import type { Case } from './cases/case.ts'
import { dialingCases } from './cases/dialing.ts'
import { endingCases } from './cases/endings.ts'
import { inboundCases } from './cases/inbound-calls.ts'
import { refusalCases } from './cases/refusals.ts'
import { roomCases } from './cases/rooms.ts'
import { transferCases } from './cases/transfers.ts'
import { trunkCases } from './cases/trunks.ts'
import { webhookCases } from './cases/webhooks.ts'

/** Everything that is held against both LiveKits, by chapter of the table. */
export const chapters: { title: string; cases: Case[] }[] = [
  { title: 'Access', cases: accessCases },
  { title: 'Rooms', cases: roomCases },
  { title: 'Agents', cases: agentCases },
  { title: 'Trunks and dispatch rules', cases: trunkCases },
  { title: 'Calls that are refused', cases: refusalCases },
  { title: 'Calls that ring or are answered', cases: answeredCases },
  { title: 'What the telephone is told', cases: dialingCases },
  { title: 'Hanging up, going away, dialing twice', cases: endingCases },
  { title: 'Transfers', cases: transferCases },
  { title: 'Calls that come in', cases: inboundCases },
  { title: 'Webhooks', cases: webhookCases },
]

export const allCases: Case[] = chapters.flatMap(({ cases }) => cases)
