import { readFile, writeFile } from 'node:fs/promises'
import type { Observations } from './cases/case.ts'

/** What the real servers did when they were last asked. The simulator is held against it where they are not there. */
export type LiveKitRecord = {
  versions: Record<string, string>
  cases: Record<string, Observations>
}

const file = new URL('../recorded/livekit.generated.json', import.meta.url)

export async function readRecord(): Promise<LiveKitRecord> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as LiveKitRecord
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { versions: {}, cases: {} }
    throw error
  }
}

export async function writeRecord(record: LiveKitRecord): Promise<void> {
  await writeFile(file, `${JSON.stringify(record, null, 2)}\n`)
}
