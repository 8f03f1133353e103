import { ServerError } from 'livekit-server-sdk'
import { expect, test } from 'vitest'
import { apiAnswerOf } from './api-answer.ts'
import { explainLiveKitError } from './livekit-error.ts'

/** As livekit-server 1.13.5 answers a token that it does not accept: with the token, and without a Twirp error. */
const token = 'eyJhbGciOiJIUzI1NiJ9.eyJ2aWRlbyI6eyJyb29tTGlzdCI6dHJ1ZX19.Kz4RXlXxZ2QMhSREXwfJNMW_1lh8-Ef'
const refused = `invalid token: ${token}, error: token signature is invalid: signature is invalid`

test('a token that LiveKit quotes goes no further', () => {
  const answer = apiAnswerOf(new ServerError('Unauthorized', refused, 401))
  expect(answer).toMatchObject({ status: 401, message: refused.replace(token, '…') })
  expect(JSON.stringify(answer)).not.toContain('eyJ')
})

test('nor into what an operator is told', () => {
  const error = new ServerError('Unauthorized', refused, 401)
  const { message } = explainLiveKitError(error, { doing: 'listing', host: 'livekit.test', repeatable: true })
  expect(message).toContain('signature is invalid')
  expect(message).not.toContain('eyJ')
})
