import { fileURLToPath } from 'node:url'
import { type JurisdictionRule, jurisdictionRules, rulesAsOf } from '../src/jurisdiction-rules.ts'
import { stateRules } from '../src/jurisdiction-rules-us.ts'

/** Where the page is. */
export const pageFile = fileURLToPath(new URL('../../../docs/lawful-hours.md', import.meta.url))

/** The text of docs/lawful-hours.md, made from the rules that policy keeps. */
export function describeLawfulHours(): string {
  return `# Lawful hours

Made from \`packages/policy/src/jurisdiction-rules.ts\` and \`packages/policy/src/jurisdiction-rules-us.ts\`; write it anew
with \`npx pnpm@12 --filter @outdial/policy laws\`. What is done with these rules: [0024](decisions/0024-the-law-of-the-place.md).

**This is a help and no legal advice.** It holds hours, days and holidays, as far as they were found by ${rulesAsOf}. It
does not hold consent, registers, disclosures, caps, or what counts as selling. Laws change, and a place that is not
here may have rules too. Where sources differ, the stricter reading is here. "Text" means that the provision itself was
read, "summary" that it was told by others: have those checked first.

Times are those of the clock where the telephone is. Calling ends a minute before they do.

## Countries

${tableOf(jurisdictionRules)}

## States of the USA

The federal hours hold as well. States that are missing have the federal hours here.

${tableOf(stateRules)}
`
}

function tableOf(rules: Record<string, JurisdictionRule>): string {
  const rows = Object.entries(rules).map(([code, rule]) =>
    [
      `\`${code}\` ${rule.name}${alsoOf(rule)}`,
      ...[rule.weekdays, rule.saturday, rule.sunday].map(hoursText),
      rule.holiday === undefined
        ? 'like other days'
        : `${hoursText(rule.holiday)} (${(rule.holidays ?? []).join('; ')})`,
      `${rule.source} (${rule.read})`,
    ].join(' | '),
  )
  return [
    '| place | Mon-Fri | Sat | Sun | holidays | source |',
    '|---|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n')
}

function alsoOf({ alsoCountries = [] }: JurisdictionRule): string {
  return alsoCountries.length > 0 ? ` (numbers of ${alsoCountries.join(', ')} too)` : ''
}

function hoursText(hours: string): string {
  return hours === '' ? 'never' : hours.replaceAll(',', ', ')
}
