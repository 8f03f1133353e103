import type { SimulatedClock } from '../clock.ts'
import type { Faults } from '../control/faults.ts'
import type { HttpSender } from '../http-sender.ts'
import { newTwilioSid, twilioAccountSid } from '../ids.ts'
import { describeError, type Log } from '../log.ts'
import type { LedgerCall } from '../network/ledger.ts'
import { type CallEvent, type Form, recordingForm, statusForm } from './callback-forms.ts'
import { signTwilioForm } from './signature.ts'

export type TwilioOptions = { authToken: string; statusCallbackUrl: string; recordingCallbackUrl?: string }

type Deps = { clock: SimulatedClock; http: HttpSender; faults: Faults; log: Log }
type Callback = { url: string; event: CallEvent | 'recording'; form: Form; authToken: string }

const recordingReadyMs = 2_000
// real time
const timeoutMs = 15_000

export type TwilioCallbacks = ReturnType<typeof createTwilioCallbacks>

/** Twilio's status and recording callbacks for calls over its trunks. Each is a request of its own, in no sure order. */
export function createTwilioCallbacks(options: TwilioOptions, deps: Deps) {
  const { authToken, statusCallbackUrl, recordingCallbackUrl } = options
  const { clock } = deps
  const sequence = new WeakMap<LedgerCall, number>()

  return {
    callChanged(call: LedgerCall, event: CallEvent) {
      if (!call.twilioCallSid) return
      const ids = { CallSid: call.twilioCallSid, AccountSid: twilioAccountSid }
      const sequenceNumber = sequence.get(call) ?? 0
      sequence.set(call, sequenceNumber + 1)
      const form = statusForm(call, { ids, event, sequenceNumber, atMs: clock.now() })
      send(deps, { url: statusCallbackUrl, event, form, authToken })
      if (event === 'completed' && call.answered && recordingCallbackUrl) {
        const recording = recordingForm(call, ids)
        const callback: Callback = { url: recordingCallbackUrl, event: 'recording', form: recording, authToken }
        clock.after(recordingReadyMs, () => send(deps, callback))
      }
    },
  }
}

function send(deps: Deps, callback: Callback) {
  const { clock, faults } = deps
  const fault = faults.forDelivery('twilio', callback.event)
  if (fault?.action === 'drop') return
  // held back in real time, like the other faults
  const delayMs = fault?.action === 'delay' || fault?.action === 'reorder' ? fault.delayMs * clock.speed : 0
  clock.after(delayMs, () => void post(deps, callback))
  if (fault?.action === 'double') void post(deps, callback)
}

async function post({ http, log }: Deps, { url, form, authToken }: Callback) {
  const headers = {
    'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    'user-agent': 'TwilioProxy/1.1',
    'x-twilio-signature': signTwilioForm(authToken, { url: url.replace(/#.*$/, ''), parameters: form }),
    'i-twilio-idempotency-token': newTwilioSid(''),
  }
  const request = { url, headers, body: new URLSearchParams(form).toString(), timeoutMs }
  try {
    // Twilio tries once more when it cannot connect, and never for a bad answer
    await http.post(request).catch(() => http.post(request))
  } catch (error) {
    log('warn', 'Twilio callback not delivered', { url, error: describeError(error) })
  }
}
