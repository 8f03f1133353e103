import { expect, test } from 'vitest'
import { readMessageLog } from './message-log.ts'
import { CallBook } from './phone-calls.ts'

const start = Date.parse('2026-03-01T12:00:00Z')

test('a call that is answered and hung up by the callee', () => {
  const log = [
    invite(0),
    sent(100, '180 Ringing'),
    sent(500, '200 OK'),
    request(520, 'received ACK'),
    bye(2_500, 'sent'),
  ]
  expect(read(log)).toMatchObject([
    {
      ...{ sipCallId: 'SCL_abc', to: '+12125550101', from: '+12125550100', displayName: 'Acme', behaviour: 'answers' },
      ...{ headers: { 'x-account-code': '7' }, mediaPort: 10_944, ending: 'hung_up', hungUpBy: 'callee', invites: 1 },
      ...{ invited: at(0), ringing: at(100), answered: at(500), acknowledged: at(520), ended: at(2_500) },
    },
  ])
})

test('an INVITE that is sent again is one call', () => {
  const calls = read([invite(0), invite(500), sent(600, '180 Ringing')])
  expect(calls).toMatchObject([{ invites: 1, invited: at(0), ringing: at(600) }])
  expect(calls[0]).not.toHaveProperty('ended')
})

test('a refusal, and one that follows a CANCEL', () => {
  expect(read([invite(0), sent(50, '486 Busy Here')])).toMatchObject([
    { ending: 'refused', sipStatus: 486, sipReason: 'Busy Here', ended: at(50) },
  ])
  const canceled = [invite(0), request(3_000, 'received CANCEL'), sent(3_001, '487 Request Terminated')]
  expect(read(canceled)).toMatchObject([{ ending: 'canceled', hungUpBy: 'livekit', ended: at(3_000) }])
})

test('credentials that are asked for again and again', () => {
  const asked = '407 Proxy Authentication Required'
  const log = [invite(0), sent(10, asked), invite(20, 2), sent(30, asked, 2), invite(40, 3), sent(50, asked, 3)]
  expect(read(log)).toMatchObject([{ invites: 3, ending: 'refused', sipStatus: 407, ended: at(50) }])
})

test('nobody responds: it is over when the caller has stopped asking', () => {
  const log = [invite(0), invite(500), invite(1_500)].join('\n')
  expect(readCalls(log, start + 31_999)[0]).not.toHaveProperty('ended')
  expect(readCalls(log, start + 32_000)).toMatchObject([{ ending: 'canceled', hungUpBy: 'carrier', ended: at(32_000) }])
})

test('an answer that crossed the CANCEL is an answer', () => {
  const log = [invite(0), sent(9, '180 Ringing'), request(30, 'received CANCEL'), sent(31, '200 OK')]
  expect(read(log)).toMatchObject([{ answered: at(31) }])
  expect(read(log)[0]).not.toHaveProperty('ended')
})

test('a transfer: where to, and how it went', () => {
  const refer = message(900, 'received', ['REFER sip:a@b SIP/2.0', 'CSeq: 2 REFER', 'Refer-To: <tel:+12125550107>'])
  const notify = message(950, 'sent', ['NOTIFY sip:a@b SIP/2.0', 'CSeq: 31 NOTIFY'], 'SIP/2.0 486 Busy Here')
  expect(read([invite(0), sent(5, '200 OK'), refer, notify])).toMatchObject([
    { transfer: { to: '+12125550107', sipStatus: 486 } },
  ])
})

test('a message that is half written at the end is left out', () => {
  const log = [invite(0), sent(50, '486 Busy Here')].join('\n')
  expect(readCalls(log.slice(0, -40), start)[0]).not.toHaveProperty('sipStatus')
})

test('a log that is read piece by piece tells the same', () => {
  const log = [invite(0), sent(100, '180 Ringing'), sent(500, '200 OK'), request(520, 'received ACK'), bye(900, 'sent')]
  const [whole, book] = [log.join('\n'), new CallBook()]
  let rest = ''
  for (let at = 0; at < whole.length; at += 50) {
    const read = readMessageLog(rest + whole.slice(at, at + 50))
    book.add(read.messages)
    rest = read.rest
  }
  expect(book.calls(start)).toEqual(readCalls(whole, start))
  expect(book.calls(start)).toMatchObject([{ ending: 'hung_up', invites: 1 }])
})

function readCalls(log: string, nowMs: number) {
  const book = new CallBook()
  book.add(readMessageLog(log).messages)
  return book.calls(nowMs)
}

const read = (messages: string[]) => readCalls(messages.join('\n'), start + 5_000)
const at = (afterMs: number) => ({ at: new Date(start + afterMs).toISOString(), realMs: start + afterMs })

function message(afterMs: number, direction: string, lines: string[], body = ''): string {
  const [day, time] = new Date(start + afterMs).toISOString().slice(0, -1).split('T')
  const head = `----------------------------------------------- ${day}\t${time}000`
  const [first, ...others] = lines
  const length = `Content-Length: ${body.length}`
  const headers = [
    'Call-ID: c1',
    length,
    'From: "Acme" <sip:+12125550100@lk>;tag=SCL_abc',
    'To: <sip:+12125550101@phone>',
  ]
  return `${head}\nUDP message ${direction} [1] bytes :\n\n${[first, ...headers, ...others].join('\n')}\n\n${body}\n`
}

function invite(afterMs: number, cseq = 1): string {
  const lines = ['INVITE sip:+12125550101@phone SIP/2.0', `CSeq: ${cseq} INVITE`, 'X-Account-Code: 7']
  return message(afterMs, 'received', lines, 'v=0\nm=audio 10944 RTP/AVP 9 0 8 101')
}

const sent = (afterMs: number, status: string, cseq = 1) =>
  message(afterMs, 'sent', [`SIP/2.0 ${status}`, `CSeq: ${cseq} INVITE`])

const bye = (afterMs: number, direction: string) => request(afterMs, `${direction} BYE`)

function request(afterMs: number, what: string): string {
  const [direction = '', method = ''] = what.split(' ')
  return message(afterMs, direction, [`${method} sip:a@b SIP/2.0`, `CSeq: 1 ${method}`])
}
