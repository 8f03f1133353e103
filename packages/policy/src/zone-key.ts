/**
 * What a contact is grouped by while it waits: the rules that the law has for its place and the zones it may live in.
 * Written as `RULES@ZONES`, each sorted and joined with commas: "US-FL@America/Chicago,America/New_York". Without rules
 * it is the zones alone; without zones the clock of the contact is not known: "", "US@".
 */
export type Place = {
  /** Codes of calling-hour rules: "FR", or "US-FL" for those of the state and its country. */
  rules: string[]
  /** IANA names; with several, the contact may live in any of them. */
  zones: string[]
}

export function readZoneKey(zoneKey: string): Place {
  const at = zoneKey.indexOf('@')
  return { rules: listOf(zoneKey.slice(0, Math.max(at, 0))), zones: listOf(zoneKey.slice(at + 1)) }
}

export function writeZoneKey({ rules, zones }: Place): string {
  return rules.length > 0 ? `${joined(rules)}@${joined(zones)}` : joined(zones)
}

function listOf(text: string): string[] {
  return text === '' ? [] : text.split(',')
}

function joined(names: string[]): string {
  return [...new Set(names)].sort().join(',')
}
