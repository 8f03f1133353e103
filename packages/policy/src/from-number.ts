import { type PhoneNumber, parsePhoneNumberFromString } from 'libphonenumber-js/max'

/**
 * The number to show: one with the area code of the called number, else one of its country, else any. Those equally
 * near take turns by `rotation`, a counter of the caller's. Undefined when there are no numbers.
 */
export function chooseFromNumber({
  numbers,
  to,
  rotation,
}: {
  numbers: readonly string[]
  to: string
  rotation: number
}): string | undefined {
  // Most trunks have one number, and reading numbers is most of what a claim would compute.
  if (numbers.length < 2) return numbers[0]
  const target = parsePhoneNumberFromString(to)
  const sameCountry = numbers.filter((number) => isSameCountry(parsePhoneNumberFromString(number), target))
  const sameArea = sameCountry.filter((number) => areaOf(parsePhoneNumberFromString(number)) === areaOf(target))
  const nearest = [sameArea, sameCountry, numbers].find((group) => group.length > 0) ?? []
  return nearest[Math.abs(Math.trunc(rotation)) % nearest.length]
}

function isSameCountry(a: PhoneNumber | undefined, b: PhoneNumber | undefined): boolean {
  if (!a || !b || a.countryCallingCode !== b.countryCallingCode) return false
  // numbers that exist on paper only have no country, but share a dialing plan
  return a.country === b.country || !a.country || !b.country
}

/** The first group of digits after the country code, which is the area code wherever there are area codes. */
function areaOf(number: PhoneNumber | undefined): string | undefined {
  return number?.formatInternational().split(' ')[1]
}
