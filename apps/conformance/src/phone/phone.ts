import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGuard } from '@outdial/chaos/guard'
import { findPorts } from '@outdial/chaos/ports'
import { requirePrograms } from '../servers/programs.ts'
import { type PhoneCall, readCalls } from './phone-calls.ts'
import { type PhoneTimes, writeScenario } from './scenario.ts'
import { messageLog, startSipp } from './sipp.ts'

export type PhoneOptions = Partial<PhoneTimes> & {
  /** Logs are written here and stay; without it they are in a temporary folder that is removed. */
  directory?: string
  /** `none`: it sends no audio and reads none. `echo`: it sends back what it hears. Default: none. */
  audio?: 'none' | 'echo'
}

/** A telephone that answers all numbers, each in its way: see behaviours.ts. */
export type Phone = {
  /** host:port: what a trunk has as its address, with transport UDP. */
  address: string
  /** All calls so far, as SIP saw them. */
  calls(): Promise<PhoneCall[]>
  /** Where the logs are. */
  directory: string
  stop(): Promise<void>
}

/** @throws MissingProgramsError without sipp */
export async function startPhone(options: PhoneOptions = {}): Promise<Phone> {
  const { sipp: command } = await requirePrograms(['sipp'])
  const { ringMs = 400, longRingMs = 5_000, talkMs = 2_000, audio = 'none' } = options
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'outdial-phone-')))
  await mkdir(directory, { recursive: true })
  const guard = openGuard()
  const [port = 0, mediaPort = 0, controlPort = 0] = await findPorts(3)
  const scenarioFile = join(directory, 'telephone.xml')
  await writeFile(scenarioFile, writeScenario({ ringMs, longRingMs, talkMs }))
  const sipp = await startSipp({ command, directory, guard, port, mediaPort, controlPort, scenarioFile, audio })
  const log = join(directory, messageLog)
  return {
    address: `127.0.0.1:${port}`,
    directory,
    calls: async () => readCalls(await readFile(log, 'utf8').catch(() => ''), Date.now()),
    async stop() {
      await sipp.stop({ patienceMs: 1_000 })
      await guard.close()
      if (!options.directory) await rm(directory, { recursive: true, force: true })
    },
  }
}
