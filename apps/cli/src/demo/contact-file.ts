import { cities, companyKinds, companyNames, firstNames, lastNames } from './contact-names.ts'

type City = { city: string; areaCode: number }

const places: City[] = cities.flatMap(({ city, areaCodes }) => areaCodes.map((areaCode) => ({ city, areaCode })))

/** 555-0100 to 555-0199 of every area code belong to nobody: the North American plan keeps them for fiction. */
const fictionalPerAreaCode = 100

/** So many contacts the demo can invent without giving two of them one number. */
export const contactsMax = places.length * fictionalPerAreaCode

/** A contact file as people export it from their systems: `count` contacts all over the United States, by `seed`. */
export function writeContactFile({ count, seed }: { count: number; seed: number }): string {
  const random = createRandom(seed)
  const lines = shuffled(contactsMax, random)
    .slice(0, count)
    .map((number, index) => writeContact(number, { index, random }))
  return ['Customer ID,First Name,Last Name,Company,Phone,City', ...lines, ''].join('\r\n')
}

function writeContact(number: number, { index, random }: { index: number; random: () => number }): string {
  const place = places[Math.floor(number / fictionalPerAreaCode)] ?? { city: '', areaCode: 212 }
  const line = 100 + (number % fictionalPerAreaCode)
  const company = `${pick(companyNames, random)} ${pick(companyKinds, random)}`
  const phone = pick(phoneForms, random)(place.areaCode, `0${line}`)
  const id = `C-${String(index + 1).padStart(5, '0')}`
  return [id, pick(firstNames, random), pick(lastNames, random), company, phone, place.city].map(quote).join(',')
}

/** How people write numbers. */
const phoneForms: ((areaCode: number, line: string) => string)[] = [
  (areaCode, line) => `(${areaCode}) 555-${line}`,
  (areaCode, line) => `${areaCode}-555-${line}`,
  (areaCode, line) => `${areaCode}.555.${line}`,
  (areaCode, line) => `+1 ${areaCode} 555 ${line}`,
  (areaCode, line) => `1${areaCode}555${line}`,
]

function quote(value: string): string {
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value
}

function pick<T>(choices: readonly T[], random: () => number): T {
  const choice = choices[Math.floor(random() * choices.length)]
  if (choice === undefined) throw new Error('there is nothing to pick from')
  return choice
}

function shuffled(length: number, random: () => number): number[] {
  const numbers = Array.from({ length }, (_, index) => index)
  for (let last = length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    const [a, b] = [numbers[last] ?? 0, numbers[other] ?? 0]
    numbers[last] = b
    numbers[other] = a
  }
  return numbers
}

/** Numbers from 0 to 1, always the same for the same seed: a linear congruential generator (Knuth's MMIX constants). */
function createRandom(seed: number): () => number {
  let state = BigInt.asUintN(64, BigInt(seed) + 0x9e3779b97f4a7c15n)
  return () => {
    state = BigInt.asUintN(64, state * 6364136223846793005n + 1442695040888963407n)
    return Number(state >> 11n) / 2 ** 53
  }
}
