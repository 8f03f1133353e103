import { providers } from '@outdial/policy/states'
import { numberFormats, providerProfiles } from '@outdial/telephony/provider-profiles'
import { z } from 'zod'
import { e164, name } from '../fields.ts'

const sipText = z
  .string()
  .max(250)
  .regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces')

/** The carrier's side of a trunk that is made on LiveKit. */
export const carrierInput = z
  .strictObject({
    address: z
      .string()
      .max(253)
      .optional()
      .meta({ description: "The carrier's host, such as `my-trunk.pstn.twilio.com`; Exotel's is known." }),
    transport: z.enum(['auto', 'udp', 'tcp', 'tls']).optional().meta({ description: "Default: the provider's." }),
    authUsername: sipText.optional(),
    authPassword: sipText
      .optional()
      .meta({ description: 'Goes to LiveKit and nowhere else; it is never shown again.' }),
    headers: z
      .record(z.string().max(255), z.string().max(1_024))
      .optional()
      .meta({ description: 'SIP headers of every call.' }),
    fromHost: z
      .string()
      .max(253)
      .regex(/^[a-z0-9.-]*$/i, 'must be a host name')
      .optional()
      .meta({ description: "Where the carrier wants its own domain in the From header, such as Exotel's." }),
    destinationCountry: z
      .string()
      .regex(/^([A-Z]{2})?$/, 'must be a two-letter country code such as IN')
      .optional()
      .meta({ description: 'LiveKit Cloud dials from the region nearest to it.' }),
    mediaEncryption: z.enum(['disable', 'allow', 'require']).optional(),
  })
  .meta({ description: 'Makes the trunk on LiveKit; instead of `livekitTrunkId`.' })
export type CarrierInput = z.infer<typeof carrierInput>

const fields = {
  name,
  provider: z.enum(providers),
  livekitTrunkId: z
    .string()
    .regex(/^ST_[A-Za-z0-9_-]{1,100}$/, 'must be the id of a LiveKit outbound trunk such as ST_abc123')
    .meta({ description: "LiveKit's id of an outbound SIP trunk that is there already." }),
  numbers: z.array(e164).max(1_000).meta({ description: 'The numbers that calls may come from.' }),
  numberFormat: z.enum(numberFormats).meta({ description: 'How numbers are dialed: +14155550100 or 14155550100.' }),
  callsPerSecond: z
    .number()
    .min(0.001)
    .max(1_000)
    .meta({ description: "What the carrier allows, held across all campaigns and workers. Default: the provider's." }),
  maxConcurrency: z.int().min(1).max(100_000).meta({ description: 'Calls that may be open at once.' }),
  rampUpSeconds: z.int().min(0).max(3_600).meta({
    description: 'After an idle minute or a refusal the calls per second grow back to their limit over so long.',
  }),
  isDefault: z.boolean().meta({ description: 'Used where neither call, campaign nor assistant names a trunk.' }),
}

export const trunkInput = z
  .strictObject({
    ...fields,
    provider: fields.provider.default('other'),
    livekitTrunkId: fields.livekitTrunkId.optional(),
    livekit: carrierInput.optional(),
    numbers: fields.numbers.default([]),
    numberFormat: fields.numberFormat.optional(),
    callsPerSecond: fields.callsPerSecond.optional(),
    maxConcurrency: fields.maxConcurrency.default(10),
    rampUpSeconds: fields.rampUpSeconds.default(10),
    isDefault: fields.isDefault.default(false),
  })
  .refine(({ livekit, livekitTrunkId }) => (livekit === undefined) !== (livekitTrunkId === undefined), {
    path: ['livekitTrunkId'],
    error: 'give either livekitTrunkId, for a trunk that LiveKit has, or livekit, to make one there',
  })
  .refine(({ livekit, numbers }) => !livekit || numbers.length > 0, {
    path: ['numbers'],
    error: 'must have at least one number: LiveKit takes the caller from here',
  })
export const trunkPatch = z.strictObject({ ...fields, livekit: carrierInput }).partial()

export type TrunkInput = z.infer<typeof trunkInput>
export type TrunkPatch = z.infer<typeof trunkPatch>

/** What the provider's profile says where the input says nothing. */
export function withProfile(
  input: TrunkInput,
): TrunkInput & { callsPerSecond: number; numberFormat: 'e164' | 'digits' } {
  const { callsPerSecond, numberFormat } = providerProfiles[input.provider]
  return {
    ...input,
    callsPerSecond: input.callsPerSecond ?? callsPerSecond,
    numberFormat: input.numberFormat ?? numberFormat,
  }
}
