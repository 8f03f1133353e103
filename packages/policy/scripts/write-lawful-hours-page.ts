// Writes docs/lawful-hours.md: pnpm --filter @outdial/policy laws
import { writeFileSync } from 'node:fs'
import { describeLawfulHours, pageFile } from './lawful-hours-page.ts'

writeFileSync(pageFile, describeLawfulHours())
