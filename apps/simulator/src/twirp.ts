import type { AnyMessage, Message, MessageType } from '@bufbuild/protobuf'
import { type Claims, type Grant, isAllowed } from './auth.ts'
import { TwirpError } from './twirp-error.ts'

/** How the caller wants its answer: `answerEarly` = as soon as the INVITE is out (a fault follows). */
export type Call = { answerEarly: boolean }

type Input = { body: Uint8Array; isJson: boolean; claims: Claims; call: Call }
type Output = Uint8Array<ArrayBuffer> | string

export type ApiMethod = (input: Input) => Promise<Output>
export type Service = Record<string, ApiMethod>

type Definition<Q extends Message<Q>> = {
  request: MessageType<Q>
  grant: Grant
  /** The room a `roomAdmin` token must be made out to. */
  roomOf?: (request: Q) => string
  answer: (request: Q, call: Call) => AnyMessage | Promise<AnyMessage>
}

/** Wraps one API method: reads the request, checks the grant, writes the answer as the open-source server does. */
export function method<Q extends Message<Q>>({ request, grant, roomOf, answer }: Definition<Q>): ApiMethod {
  return async ({ body, isJson, claims, call }) => {
    const message = isJson ? readJson(request, body) : readBinary(request, body)
    if (!isAllowed(claims, grant, roomOf?.(message) ?? '')) {
      throw new TwirpError('unauthenticated', 'permissions denied')
    }
    const reply = await answer(message, call)
    if (!isJson) return new Uint8Array(reply.toBinary())
    return reply.toJsonString({ emitDefaultValues: true, useProtoFieldName: true })
  }
}

function readJson<Q extends Message<Q>>(type: MessageType<Q>, body: Uint8Array): Q {
  try {
    return type.fromJsonString(new TextDecoder().decode(body), { ignoreUnknownFields: true })
  } catch {
    throw new TwirpError('malformed', 'the json request could not be decoded')
  }
}

function readBinary<Q extends Message<Q>>(type: MessageType<Q>, body: Uint8Array): Q {
  try {
    return type.fromBinary(body)
  } catch {
    throw new TwirpError('malformed', 'the protobuf request could not be decoded')
  }
}
