import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import type { AgentReport, JobStory } from './script.ts'

const tries = 4
const patienceMs = 5_000

const briefing = z.object({ report: z.object({ url: z.url(), token: z.string() }) })

/** Tells what came of the call where the dispatch says; repeats under the same id what got no answer. */
export async function reportCall(story: JobStory, report: AgentReport): Promise<void> {
  const where = readBriefing(story.job.metadata)
  if (!where) return
  const body = JSON.stringify({ id: randomUUID(), at: new Date().toISOString(), ...report })
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${where.token}` }
  let status = 0
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const request = fetch(where.url, { method: 'POST', headers, body, signal: AbortSignal.timeout(patienceMs) })
    status = await request.then(
      (answer) => answer.status,
      () => 0,
    )
    if (status !== 0 && status !== 429 && status < 500) break
    await delay(attempt * 250)
  }
  story.reported.push({ report, status })
}

/** Metadata of others, such as that of `doctor`, has no address. */
function readBriefing(metadata: string): { url: string; token: string } | null {
  try {
    return briefing.safeParse(JSON.parse(metadata)).data?.report ?? null
  } catch {
    return null
  }
}
