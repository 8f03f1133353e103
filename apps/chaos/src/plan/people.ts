import type { Luck } from './random.ts'

/** A contact as an integrator sends it; without a time zone its number has to tell. */
export type Person = { phoneNumber: string; name: string; timezone?: string }

/** Blocks that regulators keep for fiction, and with them the zones that the digits tell. */
const blocks: { prefix: string; digits: number; zones: readonly string[] }[] = [
  { prefix: '+12125550', digits: 3, zones: ['America/New_York'] },
  { prefix: '+13125550', digits: 3, zones: ['America/Chicago'] },
  { prefix: '+13035550', digits: 3, zones: ['America/Denver'] },
  { prefix: '+14155550', digits: 3, zones: ['America/Los_Angeles'] },
  { prefix: '+18085550', digits: 3, zones: ['Pacific/Honolulu'] },
  { prefix: '+17095550', digits: 3, zones: ['America/Halifax', 'America/St_Johns'] },
  { prefix: '+14485550', digits: 3, zones: ['America/Chicago', 'America/New_York'] },
  { prefix: '+442079460', digits: 3, zones: ['Europe/London'] },
  { prefix: '+493023125', digits: 3, zones: ['Europe/Berlin'] },
  { prefix: '+18005550', digits: 3, zones: [] },
]

/** Zones with odd hours: those of a contact that came with its own. */
export const oddZones = [
  ...['Asia/Kolkata', 'Asia/Kathmandu', 'Australia/Adelaide', 'Australia/Lord_Howe', 'Australia/Eucla'],
  ...['America/St_Johns', 'Pacific/Chatham', 'Pacific/Marquesas', 'Pacific/Kiritimati', 'Africa/Cairo'],
  ...['America/Santiago', 'Asia/Tehran', 'America/Phoenix'],
] as const

/** Every zone that somebody of `createPeople` may live in. */
export const allZones = [...new Set([...blocks.flatMap(({ zones }) => zones), ...oddZones])]

/** People of different numbers. North American fiction ends at 555-0199. */
export function createPeople(luck: Luck, homeZones: readonly string[]): () => Person {
  const taken = new Set<string>()
  return () => {
    for (;;) {
      const { prefix, digits } = luck.pick(blocks)
      const most = prefix.startsWith('+1') ? 199 : 999
      const phoneNumber = `${prefix}${String(luck.whole(100, most)).padStart(digits, '0')}`
      if (taken.has(phoneNumber)) continue
      taken.add(phoneNumber)
      const name = `Person ${taken.size}`
      // Most live where something is about to happen.
      if (luck.percent(45)) return { phoneNumber, name, timezone: luck.pick(homeZones) }
      return luck.percent(25) ? { phoneNumber, name, timezone: luck.pick(oddZones) } : { phoneNumber, name }
    }
  }
}
