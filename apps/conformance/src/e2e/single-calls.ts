import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { PhoneCall } from '../phone/phone-calls.ts'
import type { Check } from './checks.ts'
import type { Installation } from './installation.ts'
import { callIdHeader } from './predial-address.ts'

/** Single calls that were asked for, by the account code that their INVITE has: what is known of the label is the call. */
export type Labels = Map<string, string>

/** The account codes of these calls begin so; their agent waits for whatever happens to the call. */
export const staysPrefix = 'stays-'

type Errand = { installation: Installation; assistantId: string; labels: Labels }

const patienceMs = 30_000
const lookEveryMs = 100

/** Numbers of nobody's, with what the telephone does by their last two digits. */
const numbers = { answers: '+15005550001', busy: '+15005550007', noAnswer: '+15005550008' }
const transferTarget = 'tel:+15005550099'

/** What a program or a person does with one call: waits for it, hangs it up, hands it over. */
export async function checkSingleCalls(errand: Errand): Promise<Check[]> {
  const checks: [string, Promise<string[]>][] = [
    ['a single call that waits is told the answer, and of a busy line', waitForAnswers(errand)],
    ['a call that rings is hung up', hangUpRinging(errand)],
    ['a conversation is hung up', hangUpConversation(errand)],
    ['a callee is transferred by REFER', transfer(errand)],
    ['a callee whose agent does not come is hung up on, as agent_error', missAgent(errand)],
  ]
  return Promise.all(checks.map(async ([name, problems]) => ({ name, problems: await problems.catch(toProblem) })))
}

const placed = z.looseObject({ callId: z.string(), roomName: z.string() })
const refused = z.looseObject({ code: z.string(), callId: z.string(), disposition: z.string(), sipStatusCode: z.int() })

async function waitForAnswers({ installation, assistantId, labels }: Errand): Promise<string[]> {
  const request = (phoneNumber: string, label: string) => {
    const wishes = { phoneNumber, assistantId, waitUntilAnswered: true, ignoreWindow: true }
    const body = { ...wishes, metadata: { account_code: label } }
    return installation.api.send('POST', '/livekit/outbound-calls/create-call', { body })
  }
  const [answered, busy] = await Promise.all([request(numbers.answers, 'waits'), request(numbers.busy, 'is-busy')])
  const one = placed.safeParse(answered.body)
  const other = refused.safeParse(busy.body)
  if (one.success) labels.set('waits', one.data.callId)
  if (other.success) labels.set('is-busy', other.data.callId)
  return [
    ...(answered.status === 201 && one.success
      ? []
      : [`answered: ${answered.status} ${JSON.stringify(answered.body)}`]),
    ...(busy.status === 409 && other.data?.disposition === 'busy' && other.data.sipStatusCode === 486
      ? []
      : [`busy: ${busy.status} ${JSON.stringify(busy.body)}`]),
  ]
}

async function hangUpRinging(errand: Errand): Promise<string[]> {
  const call = await initiate(errand, { phoneNumber: numbers.noAnswer, label: `${staysPrefix}rings` })
  await call.seenAs(({ ringing }) => ringing !== undefined)
  await errand.installation.api.post(`/outbound-calls/${call.id}/hangup`, {}, z.unknown())
  const seen = await call.seenAs(({ ended }) => ended !== undefined)
  const { disposition } = await call.over()
  return [
    ...(seen.ending === 'canceled' && seen.hungUpBy === 'livekit' ? [] : [`the telephone saw ${seen.ending}`]),
    ...(disposition === 'canceled' ? [] : [`it is ${disposition}, not canceled`]),
  ]
}

async function hangUpConversation(errand: Errand): Promise<string[]> {
  const call = await initiate(errand, { phoneNumber: numbers.answers, label: `${staysPrefix}talks` })
  await call.is('answered')
  await errand.installation.api.post(`/outbound-calls/${call.id}/hangup`, {}, z.unknown())
  const seen = await call.seenAs(({ ended }) => ended !== undefined)
  const { disposition } = await call.over()
  return [
    ...(seen.ending === 'hung_up' && seen.hungUpBy === 'livekit' ? [] : [`the telephone saw ${seen.ending}`]),
    ...(disposition === 'completed' ? [] : [`it is ${disposition}, not completed`]),
  ]
}

async function transfer(errand: Errand): Promise<string[]> {
  const call = await initiate(errand, { phoneNumber: numbers.answers, label: `${staysPrefix}moves` })
  await call.is('answered')
  const { api } = errand.installation
  const answer = await api.send('POST', `/outbound-calls/${call.id}/transfer`, { body: { transferTarget } })
  const seen = await call.seenAs(({ ended }) => ended !== undefined)
  const { disposition } = await call.over()
  return [
    ...(answer.status === 200 ? [] : [`it was answered ${answer.status}: ${JSON.stringify(answer.body)}`]),
    ...(seen.transfer && transferTarget.includes(seen.transfer.to) ? [] : [`REFER: ${JSON.stringify(seen.transfer)}`]),
    ...(disposition === 'completed' ? [] : [`it is ${disposition}, not completed`]),
  ]
}

/** Nobody registers under that name: LiveKit takes the dispatch and sends nobody. */
async function missAgent(errand: Errand): Promise<string[]> {
  const { installation, labels } = errand
  const body = { phoneNumber: numbers.answers, agentName: 'nobody', ignoreWindow: true }
  const label = 'alone'
  const path = '/livekit/outbound-calls/create-call'
  const wish = { ...body, metadata: { account_code: label } }
  const { callId } = await installation.api.post(path, wish, placed)
  labels.set(label, callId)
  const call = follow(errand, { id: callId, label })
  const { disposition } = await call.over()
  const seen = await call.seenAs(({ ended }) => ended !== undefined)
  return [
    ...(disposition === 'agent_error' ? [] : [`it is ${disposition}, not agent_error`]),
    ...(seen.answered && seen.hungUpBy === 'livekit' ? [] : [`the telephone saw ${seen.ending} by ${seen.hungUpBy}`]),
  ]
}

const callRow = z.looseObject({ id: z.string(), status: z.string(), disposition: z.string().nullable() })
type CallRow = z.infer<typeof callRow>

type FollowedCall = {
  id: string
  /** Waits until Outdial says so of it. */
  is(status: string): Promise<CallRow>
  over(): Promise<CallRow>
  /** Waits until the telephone has seen it so. */
  seenAs(isSo: (call: PhoneCall) => boolean): Promise<PhoneCall>
}

async function initiate(errand: Errand, wish: { phoneNumber: string; label: string }): Promise<FollowedCall> {
  const { installation, assistantId, labels } = errand
  const { phoneNumber, label } = wish
  const body = { phoneNumber, assistantId, ignoreWindow: true, metadata: { account_code: label } }
  const { id } = await installation.api.post('/outbound-calls/initiate', body, callRow)
  labels.set(label, id)
  return follow(errand, { id, label })
}

function follow({ installation }: Errand, { id, label }: { id: string; label: string }): FollowedCall {
  const { api, phone } = installation
  const read = () => api.get(`/outbound-calls/${id}`, callRow)
  const until = (what: string, isSo: (row: CallRow) => boolean) => waitFor(read, { what: `${label} ${what}`, isSo })
  const find = async () => (await phone.calls()).find(({ headers }) => headers[callIdHeader] === label)
  return {
    id,
    is: (status) => until(`is ${status}`, (row) => row.status === status),
    over: () => until('is over', ({ disposition }) => disposition !== null),
    seenAs: async (isSo) => {
      const call = await waitFor(find, { what: `the telephone sees ${label}`, isSo: (seen) => !!seen && isSo(seen) })
      if (!call) throw new Error(`The telephone does not know ${label}.`)
      return call
    },
  }
}

async function waitFor<T>(
  look: () => Promise<T>,
  { what, isSo }: { what: string; isSo: (found: T) => boolean },
): Promise<T> {
  const deadlineMs = Date.now() + patienceMs
  for (;;) {
    const found = await look()
    if (isSo(found)) return found
    if (Date.now() > deadlineMs) throw new Error(`It takes too long until ${what}: ${JSON.stringify(found)}`)
    await delay(lookEveryMs)
  }
}

function toProblem(error: unknown): string[] {
  return [error instanceof Error ? error.message : String(error)]
}
