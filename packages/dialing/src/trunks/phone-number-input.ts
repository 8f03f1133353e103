import { z } from 'zod'
import { e164, uuid } from '../fields.ts'
import { carrierInput, trunkPatch } from './trunk-input.ts'

const credential = z
  .string()
  .max(250)
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')

/** Who may call in: what LiveKit checks before it lets a call ring. */
export const inboundInput = z.strictObject({
  allowedAddresses: z
    .array(
      z.union(
        [z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()],
        'must be an IP address or a network such as 54.172.60.0/30',
      ),
    )
    .max(100)
    .optional()
    .meta({ description: "The carrier's addresses; none = calls from everywhere to this number." }),
  authUsername: credential.optional(),
  authPassword: credential
    .optional()
    .meta({ description: 'Goes to LiveKit and nowhere else; it is never shown again.' }),
})
export type InboundInput = z.infer<typeof inboundInput>

const fields = {
  assistantId: uuid.meta({ description: 'Whose agent answers, and whose calls this is about.' }),
  answeredBy: z.enum(['agent', 'person']).meta({
    description:
      "`agent`: the assistant's agent is sent for at once. `person`: it rings until somebody answers from the browser.",
  }),
}

const newTrunk = z
  .strictObject({
    name: trunkPatch.shape.name,
    provider: trunkPatch.shape.provider,
    livekit: carrierInput,
    numberFormat: trunkPatch.shape.numberFormat,
    callsPerSecond: trunkPatch.shape.callsPerSecond,
    maxConcurrency: trunkPatch.shape.maxConcurrency,
  })
  .meta({ description: 'Makes the outbound trunk as well, with this number as its caller.' })

export const phoneNumberInput = z
  .strictObject({
    phoneNumber: e164.meta({ description: 'The number that people call, as the carrier sends it to LiveKit.' }),
    assistantId: fields.assistantId,
    answeredBy: fields.answeredBy.default('agent'),
    trunkId: uuid
      .optional()
      .meta({ description: 'An outbound trunk that is there; the number is added to its numbers.' }),
    trunk: newTrunk.optional(),
    livekitInboundTrunkId: trunkPatch.shape.livekitTrunkId.meta({
      description:
        'An inbound trunk that LiveKit has already, with a rule for rooms named `inbound-…`: nothing is made there.',
    }),
    inbound: inboundInput.default({}),
  })
  .refine(({ trunkId, trunk }) => trunkId === undefined || trunk === undefined, {
    path: ['trunkId'],
    error: 'give either trunkId or trunk, or neither for a number that is only called',
  })
  .refine(({ livekitInboundTrunkId, inbound }) => !livekitInboundTrunkId || Object.keys(inbound).length === 0, {
    path: ['inbound'],
    error: 'is for an inbound trunk that is made here; change the one that LiveKit has there',
  })
export type PhoneNumberInput = z.infer<typeof phoneNumberInput>

export const phoneNumberPatch = z.strictObject({ ...fields, inbound: inboundInput }).partial()
export type PhoneNumberPatch = z.infer<typeof phoneNumberPatch>
