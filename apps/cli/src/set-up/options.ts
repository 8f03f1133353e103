import { InvalidArgumentError } from 'commander'

// Readers for the values of options of the set-up commands. What they throw is shown together with the option's name.

/** For an option that may be given several times. */
export function collect<T>(read: (text: string) => T): (text: string, before?: T[]) => T[] {
  return (text, before = []) => [...before, read(text)]
}

export function e164(text: string): string {
  const number = text.replace(/[\s().-]/g, '')
  if (/^\+[1-9]\d{6,14}$/.test(number)) return number
  throw new InvalidArgumentError('Use a number with its country code such as +14155550100.')
}

/** A host with or without a port. What people copy from a console is cut down to it. */
export function sipHost(text: string): string {
  const host = text
    .trim()
    .replace(/^sip:(\/\/)?/i, '')
    .replace(/[;?].*$/, '')
  if (/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$/i.test(host)) return host.toLowerCase()
  throw new InvalidArgumentError('Use a host such as abc123.sip.livekit.cloud, without sips: and without a path.')
}

export function shortName(text: string): string {
  if (text.trim() && text.length <= 64) return text.trim()
  throw new InvalidArgumentError('Use a name of 1 to 64 characters.')
}

/** `X-Account-Code=4711` */
export function headerPair(text: string): [string, string] {
  const [, name = '', value = ''] = /^([^=:\s]+)\s*[=:]\s*(.*)$/.exec(text) ?? []
  if (name && value) return [name, value]
  throw new InvalidArgumentError('Use NAME=VALUE such as X-Account-Code=4711.')
}

export function pstnDomain(text: string): string {
  const label = text.toLowerCase().replace(/\.pstn\.twilio\.com$/, '')
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) return label
  throw new InvalidArgumentError('Use letters, digits and hyphens, such as acme-outbound.')
}
