import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGuard } from '@outdial/chaos/guard'
import { requirePrograms } from '../servers/programs.ts'
import { findUdpPorts } from '../servers/udp-ports.ts'
import { type Caller, type CallIn, type CallInRequest, callIn } from './caller.ts'
import { LogReader } from './log-reader.ts'
import type { PhoneCall } from './phone-calls.ts'
import { openPhoneSound, type SoundingCall } from './phone-sound.ts'
import type { Sound } from './rtp-line.ts'
import { type PhoneTimes, writeScenario } from './scenario.ts'
import { messageLog, startSipp } from './sipp.ts'
import type { Speech } from './speaker.ts'

export type PhoneOptions = Partial<PhoneTimes> & {
  /** Logs are written here and stay; without it they are in a temporary folder that is removed. */
  directory?: string
  /**
   * `none`: it sends no audio and reads none. `echo`: it sends back what it hears. A function: it says what the
   * function returns (16 bits, 8,000 samples per second, once, from the answer on; keys too) and records both sides; for some
   * calls, not for hundreds at once. Default: none.
   */
  audio?: 'none' | 'echo' | ((call: PhoneCall | CallIn) => Speech | undefined)
}

/** A telephone that answers all numbers, each in its way: see behaviours.ts. */
export type Phone = {
  /** host:port: what a trunk has as its address, with transport UDP. */
  address: string
  /** Somebody calls LiveKit. */
  callIn(request: CallInRequest): Promise<Caller>
  /** All calls so far that came to the telephone, as SIP saw them. */
  calls(): Promise<PhoneCall[]>
  /** What a call sounded like; undefined while nothing came, and where `audio` is no function. */
  soundOf(call: SoundingCall): Sound | undefined
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
  const [port = 0, mediaPort = 0, ownMediaPort = 0, controlPort = 0] = await findUdpPorts(4)
  const log = new LogReader(join(directory, messageLog))
  const calls = () => log.calls()
  const callers: Caller[] = []
  let callsIn = 0
  const all = async (): Promise<(PhoneCall | CallIn)[]> => [
    ...(await calls()),
    ...(await Promise.all(callers.map((caller) => caller.seen()))),
  ]
  const sound =
    typeof audio === 'function'
      ? await openPhoneSound<PhoneCall | CallIn>({ port: ownMediaPort, calls: all, speech: audio })
      : undefined
  const scenarioFile = join(directory, 'telephone.xml')
  const times = { ringMs, longRingMs, talkMs }
  await writeFile(scenarioFile, writeScenario(times, { mediaPort: sound ? ownMediaPort : mediaPort }))
  const echo = audio === 'echo'
  const sipp = await startSipp({ command, directory, guard, port, mediaPort, controlPort, scenarioFile, echo })
  return {
    address: `127.0.0.1:${port}`,
    directory,
    calls,
    async callIn(request) {
      const own = { command, guard, directory: join(directory, `caller-${++callsIn}`) }
      const caller = await callIn(request, { ...own, mediaPort: sound && ownMediaPort })
      callers.push(caller)
      return caller
    },
    soundOf: (call) => sound?.soundOf(call),
    async stop() {
      await Promise.all([sipp, ...callers].map((each) => each.stop({ patienceMs: 1_000 })))
      await sound?.close()
      await guard.close()
      if (!options.directory) await rm(directory, { recursive: true, force: true })
    },
  }
}
