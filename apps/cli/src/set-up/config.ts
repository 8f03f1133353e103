import { livekitApiKey, livekitApiSecret, livekitUrl, readConfig } from '@outdial/service/config'
import { z } from 'zod'

/** Where tests, or another region of Twilio, are. */
const twilioUrl = z.url({ protocol: /^https?$/, error: "remove it, unless you need another address than Twilio's" })

/** Each by itself, for whoever checks them one by one. */
export const twilioVariables = {
  TWILIO_ACCOUNT_SID: z
    .string('set it to the account SID (AC…) that the Twilio console shows')
    .regex(/^AC[0-9a-f]{32}$/i, 'set it to the account SID: AC and 32 hexadecimal digits'),
  TWILIO_AUTH_TOKEN: z.string('set it to the auth token that the Twilio console shows beside the account SID'),
  TWILIO_PHONE_NUMBER: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, 'set it to a number with its country code such as +14155550100')
    .optional(),
  TWILIO_API_URL: twilioUrl.optional(),
  TWILIO_TRUNKING_URL: twilioUrl.optional(),
}

const twilio = z.object(twilioVariables)

export type TwilioEnvironment = z.infer<typeof twilio>

/** @throws ConfigError */
export function readTwilioEnvironment(): TwilioEnvironment {
  return readConfig(twilio, process.env)
}

const livekit = z.object({
  LIVEKIT_URL: livekitUrl,
  LIVEKIT_API_KEY: livekitApiKey,
  LIVEKIT_API_SECRET: livekitApiSecret,
})

/** @throws ConfigError */
export function readLiveKitEnvironment(): z.infer<typeof livekit> {
  return readConfig(livekit, process.env)
}

const sipPassword = z.object({ SIP_AUTH_PASSWORD: z.string().optional() })

/** The password of a trunk's SIP user: from the environment, since others on the machine see command lines. */
export function readSipPassword(): string | undefined {
  return readConfig(sipPassword, process.env).SIP_AUTH_PASSWORD
}
