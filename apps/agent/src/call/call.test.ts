import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readBrief } from './brief.ts'
import { beginCall } from './call.ts'
import { instructionsFor } from './instructions.ts'
import { createReporter } from './reporter.ts'

type Heard = { path: string; authorization: string; body: Record<string, unknown> }

let server: Server
let heard: Heard[]
/** What is answered next; 202 where nothing is said. */
let answers: { status: number; body?: object }[]
let said: string[]

beforeEach(async () => {
  heard = []
  answers = []
  said = []
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk) => {
      body += String(chunk)
    })
    request.on('end', () => {
      const { url: path = '', headers } = request
      heard.push({ path, authorization: headers.authorization ?? '', body: JSON.parse(body) as Heard['body'] })
      const answer = answers.shift() ?? { status: 202 }
      response.writeHead(answer.status).end(JSON.stringify(answer.body ?? {}))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})
afterEach(() => new Promise((resolve) => server.close(resolve)))

function begin({ questions = ['How many?'], transfer = true } = {}) {
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const report = {
    ...{ url: `${base}/report`, transcript_url: `${base}/lines`, token: 'the-token' },
    ...(transfer && { transfer_url: `${base}/transfer` }),
  }
  const brief = readBrief(JSON.stringify({ call_id: 'c', prompt: 'Be kind.', questions, report }))
  if (!brief?.report) throw new Error('there is no brief')
  const note = (message: string) => void said.push(message)
  const log = { info: note, warn: note, error: note }
  return beginCall(brief, createReporter({ address: brief.report, jobId: 'AJ_1', log, pausesMs: [1, 1] }))
}

const line = (text: string) => ({ speaker: 'callee', text, at: '2026-03-02T12:00:00.000Z' }) as const
const to = (path: string) => heard.filter((one) => one.path === path)

describe('a call', () => {
  test('is told line by line, and at its end as a whole, once', async () => {
    const call = begin()
    call.say(line('Hello?'))
    call.say(line('Seven.'))
    call.saveAnswer('how many', 'seven')
    call.conclude({ outcome: 'interested', summary: 'Has seven.' })
    await Promise.all([call.end(), call.end()])
    await call.end()
    expect(to('/lines').map(({ body }) => body.lines)).toEqual([
      [{ ...line('Hello?'), id: 'AJ_1-line-1', isFinal: true }],
      [{ ...line('Seven.'), id: 'AJ_1-line-2', isFinal: true }],
    ])
    expect(to('/report')).toEqual([
      {
        path: '/report',
        authorization: 'Bearer the-token',
        body: {
          ...{ id: 'AJ_1-end', at: expect.any(String) as unknown, outcome: 'interested', summary: 'Has seven.' },
          ...{ answers: { 'How many?': 'seven' }, transcript: [line('Hello?'), line('Seven.')] },
        },
      },
    ])
  })

  test('tells a wish not to be called at once, and nothing takes it back', async () => {
    const call = begin()
    await call.optOut()
    expect(to('/report').map(({ body }) => [body.id, body.outcome])).toEqual([['AJ_1-do-not-call', 'do_not_call']])
    call.conclude({ outcome: 'interested', summary: 'Laughed.' })
    await call.end()
    expect(to('/report')[1]?.body).toMatchObject({ outcome: 'do_not_call', summary: 'Laughed.' })
  })

  test('in which nothing was said is not told', async () => {
    await begin().end()
    expect(heard).toEqual([])
  })

  test('that a machine answered is told as voicemail', async () => {
    const call = begin()
    call.machineAnswered()
    await call.end()
    expect(to('/report')[0]?.body).toMatchObject({ outcome: 'voicemail' })
  })

  test.each([
    ['2026-03-02T15:00:00+01:00', '2026-03-02T14:00:00.000Z'],
    ['tomorrow', undefined],
    [undefined, undefined],
  ])('wants to be called back at %s', async (callbackAt, told) => {
    const call = begin()
    call.conclude({ outcome: 'callback', summary: 'Later.', callbackAt })
    await call.end()
    expect(to('/report')[0]?.body).toMatchObject({ outcome: 'callback' })
    expect(to('/report')[0]?.body.callbackAt).toBe(told)
  })

  test('keeps answers to what nobody asked under the name they were given', () => {
    const call = begin()
    call.saveAnswer('HOW MANY', 'two')
    call.saveAnswer('Colour', 'blue')
    expect(call.answers()).toEqual({ 'How many?': 'two', Colour: 'blue' })
  })

  test('is had without anybody to tell', async () => {
    const brief = readBrief('{"call_id":"c"}')
    if (!brief) throw new Error('there is no brief')
    const call = beginCall(brief, null)
    call.say(line('Hello?'))
    await call.optOut()
    await call.end()
    expect(await call.transfer()).toHaveProperty('refused')
  })
})

describe('a report', () => {
  test('that got a 5xx or no answer is said again under the same id', async () => {
    answers.push({ status: 503 }, { status: 500 })
    const call = begin()
    await call.optOut()
    expect(new Set(to('/report').map(({ body }) => body.id))).toEqual(new Set(['AJ_1-do-not-call']))
    expect(heard).toHaveLength(3)
  })

  test('that was refused is not said again, and why is in the log', async () => {
    answers.push({ status: 401, body: { detail: 'Send the token of this call.' } })
    await begin().optOut()
    expect(heard).toHaveLength(1)
    expect(said).toEqual([expect.stringContaining('Send the token of this call.')])
  })

  test('is given up after some tries, without harm to the conversation', async () => {
    answers.push({ status: 503 }, { status: 503 }, { status: 503 })
    await begin().optOut()
    expect(heard).toHaveLength(3)
    expect(said.at(-1)).toContain('given up')
  })
})

describe('handing over', () => {
  test('is asked for once, and says where to', async () => {
    answers.push({ status: 200, body: { transferredTo: 'tel:+14155550177' } })
    expect(await begin().transfer()).toEqual({ transferredTo: 'tel:+14155550177' })
    expect(to('/transfer')).toEqual([{ path: '/transfer', authorization: 'Bearer the-token', body: {} }])
  })

  test('that is refused says why, and is not repeated', async () => {
    answers.push({ status: 409, body: { detail: 'The target is busy.' } })
    expect(await begin().transfer()).toEqual({ refused: 'The target is busy.' })
    answers.push({ status: 500 })
    expect(await begin().transfer()).toHaveProperty('refused')
    expect(heard).toHaveLength(2)
  })

  test('is not possible where the call names nobody', async () => {
    const call = begin({ transfer: false })
    expect(call.canTransfer).toBe(false)
    expect(await call.transfer()).toHaveProperty('refused')
    expect(heard).toEqual([])
  })
})

describe('what the model is told', () => {
  test('has the prompt, the questions in their order, and what there is to do', () => {
    const text = instructionsFor(begin({ questions: ['One?', 'Two?'] }))
    expect(text).toMatch(/^Be kind\.\n/)
    expect(text).toContain('1. One?\n2. Two?')
    expect(text).toContain('transfer_call')
  })

  test('speaks of no questions and of no transfer where there are none', () => {
    const text = instructionsFor(begin({ questions: [], transfer: false }))
    expect(text).not.toMatch(/questions|transfer_call/)
  })
})
