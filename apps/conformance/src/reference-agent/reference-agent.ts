import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openGuard } from '@outdial/chaos/guard'
import { type ManagedProcess, startProcess } from '@outdial/chaos/managed-process'
import { findPorts } from '@outdial/chaos/ports'
import type { Installation } from '../e2e/installation.ts'
import { tone } from '../sound/tone.ts'
import { encodeWave } from '../sound/wav.ts'

const main = fileURLToPath(new URL('../../../agent/src/main.ts', import.meta.url))
const rate = 24_000

/** The agent that comes with Outdial, as a process of its own, with its script. */
export type ReferenceAgent = Pick<ManagedProcess, 'log' | 'isRunning'> & { stop(): Promise<void> }

type Options = {
  name: string
  directory: string
  /** It says these sentences with a tone of so many Hz, a second each, and all others with its own sounds. */
  tones?: { hz: number; sentences: string[] }
}

/** Ready when LiveKit can send it into rooms. @throws with its last words if it does not get there */
export async function startReferenceAgent(
  { livekit: { url, apiKey, apiSecret } }: Pick<Installation, 'livekit'>,
  { name, directory, tones }: Options,
): Promise<ReferenceAgent> {
  const recordings = join(directory, 'recordings')
  await mkdir(recordings, { recursive: true })
  const sound = encodeWave({ rate, channels: [tone({ hz: tones?.hz ?? 440, rate, samples: rate })] })
  const fileOf = (sentence: string) =>
    join(
      recordings,
      `${sentence
        .toLowerCase()
        .match(/[a-z0-9]+/g)
        ?.join('-')}.wav`,
    )
  await Promise.all((tones?.sentences ?? []).map((sentence) => writeFile(fileOf(sentence), sound)))
  const guard = openGuard()
  const [port = 0] = await findPorts(1)
  const agent = startProcess({
    ...{ name: 'the reference agent', command: process.execPath, guard },
    args: [main, '--scripted', '--recordings', recordings, '--name', name],
    env: { LIVEKIT_URL: url, LIVEKIT_API_KEY: apiKey, LIVEKIT_API_SECRET: apiSecret, PORT: String(port) },
    logFile: join(directory, 'reference-agent.log'),
    // It says so once it is registered with LiveKit.
    isReady: async () => (await fetch(`http://127.0.0.1:${port}/`)).ok,
  })
  const stop = async () => {
    await agent.stop({ patienceMs: 10_000 })
    await guard.close()
  }
  try {
    await agent.ready()
  } catch (error) {
    await stop()
    throw error
  }
  return { log: () => agent.log(), isRunning: () => agent.isRunning(), stop }
}
