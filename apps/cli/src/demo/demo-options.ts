import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeContactFile } from './contact-file.ts'

export type DemoOptions = {
  /** A contact file; without one the demo invents `contacts` contacts. */
  csv?: string
  phoneColumn?: string
  country: string
  contacts: number
  seed: number
  speed: number
  redisUrl?: string
  databaseUrl?: string
  /** Ends when the campaign is completed. */
  exit?: boolean
  /** The result as one JSON object. */
  json?: boolean
}

/** Hands `work` the contact file: the one that was named, else an invented one that is deleted afterwards. */
export async function withContactFile<T>(
  { csv, contacts, seed }: Pick<DemoOptions, 'csv' | 'contacts' | 'seed'>,
  work: (path: string) => Promise<T>,
): Promise<T> {
  if (csv) return work(csv)
  const folder = await mkdtemp(join(tmpdir(), 'outdial-demo-'))
  try {
    const path = join(folder, 'contacts.csv')
    await writeFile(path, writeContactFile({ count: contacts, seed }))
    return await work(path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
