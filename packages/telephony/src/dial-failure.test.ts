import { ServerError, SipCallError } from 'livekit-server-sdk'
import { describe, expect, test } from 'vitest'
import { classifyDialError, classifyRoomError } from './dial-failure.ts'
import { LiveKitError, type LiveKitTrouble } from './livekit-error.ts'

/** disposition · INVITE may have left · attempt is burned · whose fault · what follows for lane or campaign */
type Expected = [disposition: string, reached: boolean, burns: boolean, fault: string, effect: string] | 'unclear'

const busy: Expected = ['busy', true, true, 'callee', 'none']
const noAnswer: Expected = ['no_answer', true, true, 'callee', 'none']
const declined: Expected = ['rejected', true, true, 'callee', 'none']
const forbidden: Expected = ['rejected', true, true, 'carrier', 'none']
const noSuchNumber: Expected = ['invalid_number', true, true, 'callee', 'none']
const carrierFailed: Expected = ['trunk_error', true, true, 'carrier', 'none']
const incompatible: Expected = ['trunk_error', true, true, 'configuration', 'none']
const overLimit: Expected = ['trunk_error', true, false, 'carrier', 'slow_lane']
const wrongTrunkLogin: Expected = ['trunk_error', true, false, 'configuration', 'stop_campaign']
const canceled: Expected = ['canceled', true, true, 'callee', 'none']
const notNow: Expected = ['trunk_error', false, false, 'livekit', 'slow_lane']
const never: Expected = ['trunk_error', false, false, 'configuration', 'stop_campaign']

describe('a final SIP status', () => {
  test.each<[status: number, phrase: string, http: number, code: string, expected: Expected]>([
    [300, 'Multiple Choices', 400, 'invalid_argument', noSuchNumber],
    [301, 'Moved Permanently', 404, 'not_found', noSuchNumber],
    [302, 'Moved Temporarily', 404, 'not_found', noSuchNumber],
    [400, 'Bad Request', 400, 'invalid_argument', incompatible],
    [401, 'Unauthorized', 403, 'permission_denied', wrongTrunkLogin],
    [402, 'Payment Required', 403, 'permission_denied', forbidden],
    [403, 'Forbidden', 403, 'permission_denied', forbidden],
    [404, 'Not Found', 404, 'not_found', noSuchNumber],
    [407, 'Proxy Authentication Required', 401, 'unauthenticated', wrongTrunkLogin],
    [408, 'Request Timeout', 408, 'deadline_exceeded', noAnswer],
    [410, 'Gone', 404, 'not_found', noSuchNumber],
    [415, 'Unsupported Media Type', 400, 'invalid_argument', incompatible],
    [480, 'Temporarily Unavailable', 429, 'resource_exhausted', noAnswer],
    [480, 'Account Concurrent Call Limit Exceeded', 429, 'resource_exhausted', overLimit],
    [483, 'Too Many Hops', 412, 'failed_precondition', carrierFailed],
    [484, 'Address Incomplete', 400, 'invalid_argument', noSuchNumber],
    [485, 'Ambiguous', 400, 'invalid_argument', noSuchNumber],
    [486, 'Busy Here', 429, 'resource_exhausted', busy],
    [487, 'Request Terminated', 409, 'aborted', noAnswer],
    [488, 'Not Acceptable Here', 400, 'invalid_argument', incompatible],
    [491, 'Request Pending', 409, 'aborted', carrierFailed],
    [500, 'Server Internal Error', 412, 'failed_precondition', carrierFailed],
    [501, 'Not Implemented', 412, 'failed_precondition', carrierFailed],
    [502, 'Bad Gateway', 412, 'failed_precondition', carrierFailed],
    [503, 'Service Unavailable', 412, 'failed_precondition', carrierFailed],
    [503, 'Trunk CPS limit exceeded', 412, 'failed_precondition', overLimit],
    [403, 'CPS limit exceeded', 403, 'permission_denied', overLimit],
    [504, 'Server Time-out', 408, 'deadline_exceeded', carrierFailed],
    [580, 'Precondition Failure', 412, 'failed_precondition', carrierFailed],
    [600, 'Busy Everywhere', 429, 'resource_exhausted', busy],
    [603, 'Decline', 403, 'permission_denied', declined],
    [603, '32203 Call blocked as potential fraud', 403, 'permission_denied', declined],
    [604, 'Does Not Exist Anywhere', 404, 'not_found', noSuchNumber],
    [606, 'Not Acceptable', 400, 'invalid_argument', incompatible],
    [607, 'Unwanted', 403, 'permission_denied', declined],
    [608, 'Rejected', 403, 'permission_denied', declined],
    [699, 'Own invention', 400, 'invalid_argument', declined],
  ])('%i %s', (status, phrase, http, code, expected) => {
    const verdict = classifyDialError(sipError(status, phrase, { http, code }))
    expect(essence(verdict)).toEqual(expected)
    expect(verdict).toMatchObject({ sipStatusCode: status, reason: expect.stringContaining(`SIP ${status}`) })
  })

  test('487 after we hung up is our own doing', () => {
    const error = sipError(487, 'Request Terminated', { http: 409, code: 'aborted' })
    expect(essence(classifyDialError(error, { hangUpRequested: true }))).toEqual(canceled)
  })

  test('the words Twilio hides in the encoded details count too', () => {
    const details = Buffer.concat([
      Buffer.from([8, 7, 18, 40]),
      Buffer.from('INVITE blocked by carrier (twilio error 32203)'),
    ]).toString('base64')
    const error = sipError(603, 'Decline', { http: 403, code: 'permission_denied', details })
    expect(classifyDialError(error)).toMatchObject({
      disposition: 'rejected',
      reason: expect.stringContaining('suppress the number'),
    })
  })

  test.each([100, 200, Number.NaN])('%f is no final status, so nothing is certain', (status) => {
    expect(essence(classifyDialError(sipError(status, 'OK', { http: 500, code: 'unknown' })))).toBe('unclear')
  })
})

describe('an answer of LiveKit without a SIP status', () => {
  test.each<[http: number, code: string | undefined, message: string, expected: Expected]>([
    [408, 'canceled', 'twirp error canceled: sip request timed out', noAnswer],
    [408, 'canceled', 'transaction failed to complete (0 intermediate responses)', carrierFailed],
    [408, 'canceled', 'transaction failed to complete (2 intermediate responses)', carrierFailed],
    [408, 'canceled', 'service shutting down', ['trunk_error', true, true, 'livekit', 'none']],
    [408, 'canceled', 'request canceled', 'unclear'],
    [412, 'failed_precondition', 'no numbers on outbound trunk', never],
    [412, 'failed_precondition', 'sip server required auth, but no username or password was provided', wrongTrunkLogin],
    [412, 'failed_precondition', 'max auth retry attempts reached for SIP invite', wrongTrunkLogin],
    [412, 'failed_precondition', 'no auth header in sip invite response', wrongTrunkLogin],
    [412, 'failed_precondition', 'write udp 10.0.0.1:5060: broken pipe', carrierFailed],
    [412, 'failed_precondition', 'Trunk CPS limit exceeded', overLimit],
    [404, 'not_found', 'requested sip trunk does not exist', never],
    [404, 'not_found', 'object cannot be found', 'unclear'],
    [404, 'bad_route', 'no handler for path "/twirp/livekit.SIP/CreateSIPParticipant"', never],
    [501, 'unimplemented', 'method is not implemented', never],
    [401, 'unauthenticated', 'permissions denied', never],
    [403, 'permission_denied', 'permissions denied', never],
    [401, undefined, 'invalid API key: APIxyz', never],
    [403, undefined, 'blocked', never],
    [429, 'resource_exhausted', 'too many requests', notNow],
    [429, undefined, 'rate limited', notNow],
    [404, undefined, '<html>nginx</html>', ['trunk_error', false, false, 'configuration', 'slow_lane']],
    [503, 'unavailable', 'no response from servers', notNow],
    [503, 'unavailable', 'no servers available (received 2 responses)', notNow],
    [503, 'unavailable', 'cpu exhausted', notNow],
    [503, 'unavailable', 'dial tcp 192.0.2.1:5060: connect: connection refused', notNow],
    [503, 'unavailable', 'stream message discarded by slow consumer', 'unclear'],
    [503, undefined, '<html>503</html>', 'unclear'],
    [502, undefined, 'Bad Gateway', 'unclear'],
    [400, 'invalid_argument', 'missing sip trunk id and sip number', never],
    [400, 'invalid_argument', 'no outbound hostname specified', never],
    [400, 'invalid_argument', 'lookup nowhere.example on 10.0.0.2:53: no such host', never],
    [
      400,
      'invalid_argument',
      'twirp error unknown: fail to resolve target for "x.invalid": lookup _sip._udp.x.invalid on 10.0.0.2:53: no such host',
      never,
    ],
    [400, 'invalid_argument', 'lookup sip.example on 10.0.0.2:53: server misbehaving', notNow],
    [400, 'invalid_argument', 'missing sip callee number', ['invalid_number', false, true, 'callee', 'none']],
    [
      400,
      'invalid_argument',
      'SipCallTo should be a phone number or SIP user, not a full SIP URI',
      ['invalid_number', false, true, 'callee', 'none'],
    ],
    [
      400,
      'invalid_argument',
      'DisplayName too long (max 128 characters)',
      ['trunk_error', false, true, 'configuration', 'none'],
    ],
    [400, 'malformed', 'the json request could not be decoded', ['trunk_error', false, true, 'configuration', 'none']],
    [500, 'internal', 'sip not connected (redis required)', never],
    [500, 'internal', 'update room failed: could not connect', notNow],
    [500, 'internal', 'twirp error unknown: update room failed: could not establish signal connection', notNow],
    [500, 'internal', 'operation cannot be completed', 'unclear'],
    [500, 'unknown', 'EOF', 'unclear'],
    [500, undefined, 'Internal Server Error', 'unclear'],
    [408, 'deadline_exceeded', 'request timed out', 'unclear'],
    [409, 'aborted', 'aborted', 'unclear'],
    [409, 'already_exists', 'already exists', 'unclear'],
    [418, 'a code of next year', 'short and stout', 'unclear'],
  ])('%i %s "%s"', (http, code, message, expected) => {
    expect(essence(classifyDialError(new ServerError('', message, http, code)))).toEqual(expected)
  })

  test.each(['sip request timed out', 'transaction failed to complete (1 intermediate responses)'])(
    '"%s" after we hung up is our own doing',
    (message) => {
      const error = new ServerError('', message, 408, 'canceled')
      expect(essence(classifyDialError(error, { hangUpRequested: true }))).toEqual(canceled)
    },
  )

  test('an error whose content type carries a charset is read all the same', () => {
    const body = '{"code":"resource_exhausted","msg":"x","meta":{"sip_status_code":"486","sip_status":"Busy Here"}}'
    expect(essence(classifyDialError(new ServerError('Too Many Requests', body, 429)))).toEqual(busy)
  })

  test('a SIP status wins over what the code alone would mean', () => {
    const limited = new ServerError('', 'x', 429, 'resource_exhausted')
    expect(essence(classifyDialError(limited))).toEqual(notNow)
    expect(essence(classifyDialError(sipError(480, '', { http: 429, code: 'resource_exhausted' })))).toEqual(noAnswer)
  })
})

describe('no answer at all', () => {
  test.each<[name: string, error: unknown, expected: Expected]>([
    ['refused', fetchFailed({ code: 'ECONNREFUSED', syscall: 'connect' }), notNow],
    ['no such name', fetchFailed({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), notNow],
    ['name server away', fetchFailed({ code: 'EAI_AGAIN', syscall: 'getaddrinfo' }), notNow],
    ['no route', fetchFailed({ code: 'EHOSTUNREACH', syscall: 'connect' }), notNow],
    ['connecting took too long', fetchFailed({ code: 'UND_ERR_CONNECT_TIMEOUT' }), notNow],
    ['expired certificate', fetchFailed({ code: 'CERT_HAS_EXPIRED' }), notNow],
    ['all addresses refused', allFailed('ECONNREFUSED', 'ENETUNREACH'), notNow],
    ['one address maybe reached', allFailed('ECONNREFUSED', 'ECONNRESET'), 'unclear'],
    ['reset', fetchFailed({ code: 'ECONNRESET', syscall: 'read' }), 'unclear'],
    ['closed by the other side', fetchFailed({ code: 'UND_ERR_SOCKET' }), 'unclear'],
    ['broken pipe', fetchFailed({ code: 'EPIPE', syscall: 'write' }), 'unclear'],
    ['headers timeout', fetchFailed({ code: 'UND_ERR_HEADERS_TIMEOUT' }), 'unclear'],
    ['our own timeout', new DOMException('aborted due to timeout', 'TimeoutError'), 'unclear'],
    ['an answer that is no JSON', new SyntaxError('Unexpected token <'), 'unclear'],
    ['a bug', new RangeError('not an integer'), 'unclear'],
    ['not even an error', 'nothing', 'unclear'],
    ['undefined', undefined, 'unclear'],
  ])('%s', (_name, error, expected) => {
    expect(essence(classifyDialError(error))).toEqual(expected)
  })
})

test.each<[trouble: LiveKitTrouble, expected: Expected]>([
  ['wrong_credentials', never],
  ['unreachable', notNow],
  ['no_answer', notNow],
  ['rate_limited', notNow],
  ['broken', notNow],
  ['not_found', notNow],
  ['refused', ['trunk_error', false, true, 'configuration', 'none']],
])('a room that could not be created (%s) means that nothing was dialed', (trouble, expected) => {
  expect(essence(classifyRoomError(new LiveKitError(trouble, 'What happened. What to do.')))).toEqual(expected)
})

function essence(verdict: ReturnType<typeof classifyDialError>): Expected {
  // What the marketer reads: sentences, so never cut off or empty.
  expect(verdict.reason).toMatch(/^[A-Z].*\.$/)
  if ('kind' in verdict) return verdict.kind
  return [verdict.disposition, verdict.reached, verdict.burnsAttempt, verdict.fault, verdict.effect]
}

function sipError(
  status: number,
  phrase: string,
  { http, code, details }: { http: number; code: string; details?: string },
): SipCallError {
  const meta = { sip_status_code: String(status), sip_status: phrase, ...(details && { error_details: details }) }
  return new SipCallError('', `sip status: ${status}: ${phrase}`, http, code, meta)
}

function fetchFailed(cause: { code: string; syscall?: string }): TypeError {
  return new TypeError('fetch failed', { cause: Object.assign(new Error(cause.code), cause) })
}

function allFailed(...codes: string[]): TypeError {
  const errors = codes.map((code) => {
    const syscall = code === 'ECONNRESET' ? 'read' : 'connect'
    return Object.assign(new Error(code), { code, syscall })
  })
  return new TypeError('fetch failed', { cause: Object.assign(new AggregateError(errors), { code: 'ETIMEDOUT' }) })
}
