import { createHmac } from 'node:crypto'

/**
 * X-Twilio-Signature of a form request: HMAC-SHA1 over the URL and every name and value, sorted by name.
 * A repeated name signs its distinct values, sorted; empty values are signed too.
 */
export function signTwilioForm(
  authToken: string,
  { url, parameters }: { url: string; parameters: Record<string, string | string[]> },
): string {
  const signed = Object.keys(parameters)
    .sort()
    .flatMap((name) => {
      const value = parameters[name] ?? ''
      const values = typeof value === 'string' ? [value] : [...new Set(value)].sort()
      return values.map((each) => name + each)
    })
  return createHmac('sha1', authToken)
    .update(url + signed.join(''))
    .digest('base64')
}
