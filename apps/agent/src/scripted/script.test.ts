import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { describeSound, type Event, nextTurn, soundsLikeMachine, type Turn } from './script.ts'

const questions = ['How many are you?', 'Since when?']
const tools = ['save_answer', 'do_not_call', 'record_outcome', 'end_call', 'transfer_call']
const results: Record<string, string> = { save_answer: 'Saved.', end_call: 'The call has ended.' }

/** Plays the script against what the callee says, one after the other, until it hangs up or waits for more. */
function play(heard: string[], script = { questions, tools }): { events: Event[]; turns: Turn[] } {
  const events: Event[] = [{ kind: 'said', by: 'agent', text: 'Hello, this is Ada.' }]
  const turns: Turn[] = []
  const waiting = [...heard]
  for (let step = 0; step < 50; step += 1) {
    const turn = nextTurn(script, events)
    turns.push(turn)
    if (turn.say) events.push({ kind: 'said', by: 'agent', text: turn.say })
    if (turn.use?.tool === 'end_call') return { events, turns }
    if (turn.use) {
      events.push({ kind: 'used', tool: turn.use.tool, result: results[turn.use.tool] ?? 'Done.' })
      continue
    }
    const next = waiting.shift()
    if (next === undefined) return { events, turns }
    events.push({ kind: 'said', by: 'callee', text: next })
  }
  throw new Error('The script never comes to an end.')
}

const used = ({ turns }: { turns: Turn[] }) => turns.flatMap(({ use }) => (use ? [use] : []))
const said = ({ turns }: { turns: Turn[] }) => turns.flatMap(({ say }) => (say ? [say] : []))

describe('the script', () => {
  test('asks each question, keeps each answer, and says goodbye', () => {
    const played = play(['(1.0 s of sound)', '(2.0 s of sound)'])
    expect(said(played)).toEqual([...questions, expect.stringContaining('Goodbye')])
    expect(used(played)).toEqual([
      { tool: 'save_answer', args: { question: questions[0], answer: '(1.0 s of sound)' } },
      { tool: 'save_answer', args: { question: questions[1], answer: '(2.0 s of sound)' } },
      { tool: 'record_outcome', args: { outcome: 'interested', summary: expect.any(String) as string } },
      { tool: 'end_call', args: {} },
    ])
  })

  test('knows keys for what a callee may want', () => {
    const outcomeOf = (key: string) => used(play([`(pressed ${key})`]))[0]
    expect(outcomeOf('2')).toMatchObject({ tool: 'record_outcome', args: { outcome: 'not_interested' } })
    expect(outcomeOf('3')).toMatchObject({ args: { outcome: 'callback' } })
    expect(outcomeOf('4')).toMatchObject({ args: { outcome: 'wrong_number' } })
    expect(outcomeOf('0')).toMatchObject({ tool: 'transfer_call' })
    expect(outcomeOf('7')).toMatchObject({ tool: 'save_answer', args: { answer: '(pressed 7)' } })
  })

  test('notes a wish not to be called before it says anything, and then hangs up', () => {
    const played = play(['(pressed 9)'])
    expect(used(played).map(({ tool }) => tool)).toEqual(['do_not_call', 'end_call'])
    expect(said(played).at(-1)).toContain('Nobody will call you again')
  })

  test('hands over only where that is possible', () => {
    const played = play(['(pressed 0)'], { questions, tools: tools.filter((tool) => tool !== 'transfer_call') })
    expect(used(played)[0]).toMatchObject({ tool: 'save_answer' })
  })

  test('asks again where nobody says anything', () => {
    const { events } = play([])
    expect(nextTurn({ questions, tools }, events)).toEqual({ say: `Are you still there? ${questions[0]}` })
  })

  test('without questions says goodbye', () => {
    expect(used(play([], { questions: [], tools }))).toEqual([{ tool: 'end_call', args: {} }])
  })

  test('comes to an end, whatever is said to it, with an outcome once every question was answered', () => {
    const remark = fc.oneof(fc.constantFrom('(pressed 1)', '(pressed 5)', '(pressed 9)', 'well'), fc.string())
    fc.assert(
      fc.property(fc.array(remark, { minLength: 2, maxLength: 8 }), (remarks) => {
        const heard = remarks.map((text) => text || '…')
        const tools = used(play(heard)).map(({ tool }) => tool)
        expect(tools.at(-1)).toBe('end_call')
        expect(tools.at(-2)).toMatch(/^(record_outcome|do_not_call)$/)
      }),
    )
  })
})

describe('who has picked up', () => {
  test.each([
    [[600], false],
    [[900, 700], false],
    [[3_000], true],
    [[1_500, 1_500], true],
  ])('sounds of %j ms', (sounds, isMachine) => {
    expect(soundsLikeMachine(sounds.map(describeSound).join(' '))).toBe(isMachine)
  })
})
