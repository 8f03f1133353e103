import { initializeLogger, voice } from '@livekit/agents'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readBrief } from '../call/brief.ts'
import { beginCall, type Call } from '../call/call.ts'
import type { Report, Reporter, Transfer } from '../call/reporter.ts'
import { ScriptedLlm } from '../scripted/scripted-llm.ts'
import { leaveMessage, looksForMachines } from './machine.ts'
import { Caller, greet } from './session.ts'

type Response = ConstructorParameters<typeof voice.testing.FakeLLM>[0]

beforeAll(() => initializeLogger({ pretty: false, level: 'silent' }))

let session: voice.AgentSession | undefined
afterEach(() => session?.close())

const questions = ['How many are you?', 'Since when?']

type Wish = { transfer?: Transfer; words?: Record<string, unknown> }

function begin({ transfer = { transferredTo: 'tel:+14155550177' }, words = {} }: Wish = {}) {
  const told: (Report & { id: string })[] = []
  const reporter: Reporter = {
    report: async (id, report) => told.push({ id, ...report }) > 0,
    tellLine: async () => true,
    canTransfer: true,
    transfer: async () => transfer,
  }
  const usual = { greeting: 'Hello, this is Ada.', ai_disclosure: 'I am an automated assistant.' }
  const brief = readBrief(JSON.stringify({ call_id: 'c', prompt: 'Be kind.', questions, ...usual, ...words }))
  if (!brief) throw new Error('there is no brief')
  return { call: beginCall(brief, reporter), told }
}

/** A conversation in writing: what the person says, without sound. */
async function talk(call: Call, llm: voice.AgentSessionOptions['llm']) {
  let hangUps = 0
  const agent = new Caller(call, async () => {
    hangUps += 1
    await call.end()
  })
  agent.isGreeted = true
  session = new voice.AgentSession({ llm, vad: null })
  const running = session
  await running.start({ agent, record: false })
  return {
    agent,
    session: running,
    hangUps: () => hangUps,
    says: (userInput: string) => running.run({ userInput }).wait(),
  }
}

const fake = (responses: Response) => new voice.testing.FakeLLM(responses)

describe('a conversation with a model', () => {
  test('keeps the answers under the questions', async () => {
    const { call } = begin()
    const answer = { name: 'save_answer', args: { question: 'how many are you', answer: 'seven' } }
    const conversation = await talk(
      call,
      fake([
        { input: 'We are seven.', toolCalls: [answer] },
        { input: '"Saved."', content: 'Since when?' },
        { input: 'Saved.', content: 'Since when?' },
      ]),
    )
    const result = await conversation.says('We are seven.')
    result.expect.nextEvent().isFunctionCall({ name: 'save_answer' })
    result.expect.nextEvent().isFunctionCallOutput()
    result.expect.nextEvent().isMessage({ role: 'assistant' })
    result.expect.noMoreEvents()
    expect(call.answers()).toEqual({ 'How many are you?': 'seven' })
  })

  test('tells a wish not to be called while it goes on', async () => {
    const { call, told } = begin()
    const conversation = await talk(
      call,
      fake([{ input: 'Never call again!', toolCalls: [{ name: 'do_not_call', args: {} }] }]),
    )
    await conversation.says('Never call again!')
    expect(told).toEqual([{ id: 'do-not-call', outcome: 'do_not_call' }])
    expect(conversation.hangUps()).toBe(0)
  })

  test('ends with an outcome, and hangs up', async () => {
    const { call, told } = begin()
    const outcome = { outcome: 'callback', summary: 'Busy now.', callbackAt: '2026-03-02T15:00:00+01:00' }
    const conversation = await talk(
      call,
      fake([
        { input: 'Call me at three.', toolCalls: [{ name: 'record_outcome', args: outcome }] },
        { input: 'Goodbye.', content: 'Goodbye.', toolCalls: [{ name: 'end_call', args: {} }] },
      ]),
    )
    await conversation.says('Call me at three.')
    await conversation.says('Goodbye.')
    expect(conversation.hangUps()).toBe(1)
    expect(told).toMatchObject([
      { id: 'end', outcome: 'callback', summary: 'Busy now.', callbackAt: '2026-03-02T14:00:00.000Z' },
    ])
  })

  test('learns whether the person could be put through', async () => {
    const { call } = begin({ transfer: { refused: 'The target is busy.' } })
    const conversation = await talk(
      call,
      fake([{ input: 'A human, please.', toolCalls: [{ name: 'transfer_call', args: {} }] }]),
    )
    const result = await conversation.says('A human, please.')
    result.expect.nextEvent().isFunctionCall({ name: 'transfer_call' })
    const output = result.events.find((event) => event.type === 'function_call_output')
    expect(JSON.stringify(output)).toContain('The target is busy.')
  })

  test('an outcome that does not exist is not recorded', async () => {
    const { call } = begin()
    const wrong = { name: 'record_outcome', args: { outcome: 'won', summary: 'Yes!' } }
    const conversation = await talk(call, fake([{ input: 'Yes!', toolCalls: [wrong] }]))
    await conversation.says('Yes!')
    expect(call.outcome()).toBeUndefined()
  })
})

/** What the agent has said so far. */
const saidIn = ({ session: { history } }: { session: voice.AgentSession }) =>
  history.items.flatMap((item) => (item.type === 'message' && item.role === 'assistant' ? [item.textContent] : []))

describe('a machine', () => {
  test.each([
    [{}, true],
    [{ voicemail: 'leave_message' }, true],
    [{ voicemail: 'continue' }, false],
    [{ direction: 'inbound' }, false],
  ])('is looked for where %j: %s', (words, isWanted) => {
    expect(looksForMachines(begin({ words }).call)).toBe(isWanted)
  })

  test('is hung up on', async () => {
    const { call } = begin({ words: { voicemail: 'hangup', voicemail_message: 'We will call again.' } })
    const conversation = await talk(call, fake([]))
    await leaveMessage(conversation.session, call)
    expect(saidIn(conversation)).toEqual([])
    expect(call.outcome()).toBe('voicemail')
  })

  test('hears the message, which says what is talking', async () => {
    const { call } = begin({ words: { voicemail: 'leave_message', voicemail_message: 'We will call again.' } })
    const conversation = await talk(call, fake([]))
    await leaveMessage(conversation.session, call)
    expect(saidIn(conversation)).toEqual(['I am an automated assistant. We will call again.'])
    expect(call.outcome()).toBe('voicemail')
  })
})

describe('the first words', () => {
  test('say what is talking before anything else', async () => {
    const { call } = begin()
    const conversation = await talk(call, fake([]))
    await greet(conversation.session, call)
    expect(saidIn(conversation)).toEqual(['I am an automated assistant. Hello, this is Ada.'])
  })
})

describe('before the greeting', () => {
  test('nothing is answered: the greeting is the answer', async () => {
    const { call } = begin()
    const conversation = await talk(call, fake([{ input: 'Hello?', content: 'Yes?' }]))
    conversation.agent.isGreeted = false
    await expect(conversation.agent.onUserTurnCompleted()).rejects.toBeInstanceOf(voice.StopResponse)
  })
})

describe('a conversation with the script', () => {
  test('comes to its end by itself, with all answers', async () => {
    const { call, told } = begin()
    const conversation = await talk(call, new ScriptedLlm(questions))
    await conversation.session.generateReply().waitForPlayout()
    await conversation.says('(1.0 s of sound)')
    await conversation.says('(2.0 s of sound)')
    expect(conversation.hangUps()).toBe(1)
    expect(told.at(-1)).toMatchObject({
      ...{ id: 'end', outcome: 'interested' },
      answers: { 'How many are you?': '(1.0 s of sound)', 'Since when?': '(2.0 s of sound)' },
    })
  })
})
