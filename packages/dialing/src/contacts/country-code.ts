import { type Country, countrySchema } from '@outdial/policy/phone-number'

/**
 * The ISO 3166 code of a country as people write it in files: `de`, `DE`, `DEU`, `Germany`, `Allemagne`, `Deutschland`.
 * Undefined for anything else.
 */
export function countryCode(text: string): Country | undefined {
  const plain = plainCountry(text)
  if (plain === '') return undefined
  names ??= collectNames()
  return names.get(plain)
}

let names: Map<string, Country> | undefined

function collectNames(): Map<string, Country> {
  const found = new Map<string, Country>()
  const codes = allCodes()
  for (const language of ['en', 'fr', 'de', 'es', 'it', 'pt', 'nl', 'pl', 'sv']) {
    const display = new Intl.DisplayNames(language, { type: 'region', fallback: 'none' })
    for (const code of codes) {
      const name = display.of(code)
      if (!name) continue
      found.set(code.toLowerCase(), code)
      if (!found.has(plainCountry(name))) found.set(plainCountry(name), code)
    }
  }
  for (const code of codes) for (const name of otherNames[code]?.split(' ') ?? []) found.set(name, code)
  return found
}

function allCodes(): Country[] {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'.split('')
  const pairs = letters.flatMap((first) => letters.map((second) => first + second))
  return pairs.flatMap((pair) => {
    const parsed = countrySchema.safeParse(pair)
    return parsed.success ? [parsed.data] : []
  })
}

/** Without spaces, marks and punctuation, but for the slash: n/a is not Namibia. */
const plainCountry = (text: string) =>
  text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^\p{L}/]/gu, '')

const otherNames: { [code in Country]?: string } = {
  US: 'usa unitedstatesofamerica etatsunisdamerique vereinigtestaatenvonamerika eeuu estadosunidosdeamerica vsa amerika america',
  GB: 'uk gbr greatbritain grandebretagne grossbritannien granbretana granbretagna england angleterre scotland wales northernireland',
  NL: 'nld holland thenetherlands paysbas hollande',
  FR: 'fra',
  DE: 'deu ger brd',
  ES: 'esp',
  IT: 'ita',
  PT: 'prt',
  BE: 'bel',
  CH: 'che',
  AT: 'aut',
  IE: 'irl republicofireland',
  LU: 'lux',
  PL: 'pol',
  SE: 'swe',
  DK: 'dnk',
  NO: 'nor',
  FI: 'fin',
  CZ: 'cze czechrepublic tschechischerepublik',
  CA: 'can',
  MX: 'mex',
  BR: 'bra',
  AR: 'arg',
  CO: 'col',
  CL: 'chl',
  AU: 'aus',
  NZ: 'nzl',
  IN: 'ind bharat',
  SG: 'sgp',
  JP: 'jpn',
  CN: 'chn prc',
  KR: 'kor korea southkorea',
  ZA: 'zaf rsa',
  AE: 'are uae emirates',
  SA: 'sau ksa',
  IL: 'isr',
  TR: 'tur turkey',
  PH: 'phl',
  ID: 'idn',
  PK: 'pak',
  BD: 'bgd',
  NG: 'nga',
  KE: 'ken',
}
