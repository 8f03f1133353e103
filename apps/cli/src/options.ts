import { accessSync, constants, statSync } from 'node:fs'
import { countrySchema } from '@outdial/policy/phone-number'
import { InvalidArgumentError } from 'commander'

// Readers for the values of options. What they throw is shown together with the option's name.

export function wholeNumber({ min, max }: { min: number; max: number }): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text.trim()) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`Use a whole number from ${min} to ${max}.`)
  }
}

/** More than `above`, at most `max`; fractions are fine. */
export function numberBetween({ above, max }: { above: number; max: number }): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (text.trim() !== '' && value > above && value <= max) return value
    throw new InvalidArgumentError(`Use a number above ${above}, at most ${max}.`)
  }
}

export function country(text: string): string {
  const parsed = countrySchema.safeParse(text)
  if (parsed.success) return parsed.data
  throw new InvalidArgumentError(parsed.error.issues[0]?.message ?? 'Use a two-letter country code.')
}

export function readableFile(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (!found) throw new InvalidArgumentError(`There is no file ${path}. Check the path.`)
  if (!found.isFile()) throw new InvalidArgumentError(`${path} is not a file. Name the contact file itself.`)
  if (found.size === 0) throw new InvalidArgumentError(`${path} is empty. Name a file with contacts.`)
  try {
    accessSync(path, constants.R_OK)
    return path
  } catch {
    throw new InvalidArgumentError(`${path} cannot be read. Change its permissions.`)
  }
}

export function urlOf(protocols: RegExp, example: string): (text: string) => string {
  return (text) => {
    const url = URL.parse(text)
    if (url && protocols.test(url.protocol) && url.host) return text
    throw new InvalidArgumentError(`Use an address such as ${example}.`)
  }
}
