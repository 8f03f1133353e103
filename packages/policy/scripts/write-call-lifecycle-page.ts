// Writes docs/call-lifecycle.md: pnpm --filter @outdial/policy lifecycle
import { writeFileSync } from 'node:fs'
import { describeCallLifecycle, pageFile } from './call-lifecycle-page.ts'

writeFileSync(pageFile, describeCallLifecycle())
