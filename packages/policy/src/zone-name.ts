/**
 * Names that Intl still reports for zones that IANA has renamed or made links (file `backward` of the time zone
 * database). One name per clock keeps the groups of contacts that wait for the same hour few.
 */
const renamed: Record<string, string> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Catamarca': 'America/Argentina/Catamarca',
  'America/Cordoba': 'America/Argentina/Cordoba',
  'America/Godthab': 'America/Nuuk',
  'America/Indianapolis': 'America/Indiana/Indianapolis',
  'America/Jujuy': 'America/Argentina/Jujuy',
  'America/Louisville': 'America/Kentucky/Louisville',
  'America/Mendoza': 'America/Argentina/Mendoza',
  'Arctic/Longyearbyen': 'Europe/Oslo',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Choibalsan': 'Asia/Ulaanbaatar',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Guernsey': 'Europe/London',
  'Europe/Isle_of_Man': 'Europe/London',
  'Europe/Jersey': 'Europe/London',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
  'Pacific/Ponape': 'Pacific/Pohnpei',
  'Pacific/Truk': 'Pacific/Chuuk',
}

const known = new Map<string, string>()

/**
 * The canonical IANA name for what a person typed, whatever its case and with spaces for underscores; undefined when
 * there is no such zone. Abbreviations and offsets (EST, +02:00) are refused: they do not say when the clock changes.
 */
export function parseZoneName(raw: string): string | undefined {
  const key = raw
    .trim()
    .replace(/\s*\/\s*/g, '/')
    .replace(/\s+/g, '_')
    .toLowerCase()
  const cached = known.get(key)
  if (cached) return cached
  if (key !== 'utc' && !/^[a-z][a-z_-]*\/[a-z0-9_+/-]+$/.test(key)) return undefined
  const name = intlName(key)
  if (name === undefined) return undefined
  const canonical = renamed[name] ?? name
  known.set(key, canonical)
  return canonical
}

function intlName(key: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: key }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}
