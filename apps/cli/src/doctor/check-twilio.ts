import type { LiveKit } from '@outdial/telephony/livekit'
import type { TwilioRest } from '@outdial/telephony/twilio-rest'
import { z } from 'zod'
import type { Tell } from './finding.ts'

const account = z.looseObject({ status: z.string(), type: z.string(), friendly_name: z.string() })
const number = z.looseObject({ phone_number: z.string(), trunk_sid: z.string().nullish() })
const trunkRow = z.looseObject({
  sid: z.string(),
  friendly_name: z.string().nullable(),
  domain_name: z.string().nullable(),
})
const listRow = z.looseObject({ friendly_name: z.string() })

type Wanted = { phoneNumber?: string | undefined; livekit: LiveKit | null }

/** The credentials are right, and the number is on a trunk that LiveKit can call through. */
export async function checkTwilio(twilio: TwilioRest, { phoneNumber, livekit }: Wanted, tell: Tell): Promise<void> {
  const { status, type, friendly_name: name } = await twilio.read('account', '', account)
  if (status !== 'active') return tell('wrong', `The account ${name} is ${status}. Have Twilio reactivate it.`)
  tell('good', `the account ${name} opens with the token`)
  if (type === 'Trial') tell('doubt', 'It is a trial account: it calls only numbers that you verified with Twilio.')
  if (!phoneNumber) return tell('open', 'TWILIO_PHONE_NUMBER is not set: no number was looked at.')
  const path = `/IncomingPhoneNumbers?PhoneNumber=${encodeURIComponent(phoneNumber)}`
  const rows = await twilio.list('account', path, { key: 'incoming_phone_numbers', row: number })
  const found = rows.find((each) => each.phone_number === phoneNumber)
  if (!found) return tell('wrong', `${phoneNumber} is not a number of this account. Correct TWILIO_PHONE_NUMBER.`)
  if (!found.trunk_sid) {
    return tell('doubt', `${phoneNumber} is on no Elastic SIP trunk. Put it on one: outdial twilio setup`)
  }
  const trunk = await twilio.read('trunking', `/Trunks/${found.trunk_sid}`, trunkRow)
  if (!trunk.domain_name) {
    return tell('wrong', `The trunk of ${phoneNumber} has no termination domain. Run: outdial twilio setup`)
  }
  tell('good', `${phoneNumber} is on the trunk ${trunk.friendly_name ?? trunk.sid} (${trunk.domain_name})`)
  const lists = await twilio.list('trunking', `/Trunks/${trunk.sid}/CredentialLists`, {
    key: 'credential_lists',
    row: listRow,
  })
  if (lists.length === 0)
    tell('wrong', 'The trunk has no credential list: LiveKit cannot call out. Run: outdial twilio setup')
  const outbound = await livekit?.listOutboundTrunks().catch(() => null)
  if (outbound && !outbound.some((each) => each.address.startsWith(trunk.domain_name ?? ''))) {
    tell('wrong', `No outbound trunk of LiveKit leads to ${trunk.domain_name}. Run: outdial livekit trunk create`)
  }
}
