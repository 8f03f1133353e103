import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openGuard } from '@outdial/chaos/guard'
import { findPorts } from '@outdial/chaos/ports'
import { requirePrograms } from '../servers/programs.ts'
import { type Caller, type CallInRequest, callIn } from './caller.ts'
import { type PhoneCall, readCalls } from './phone-calls.ts'
import { openRtpLine, type RtpLine, type Sound } from './rtp-line.ts'
import { type PhoneTimes, writeScenario } from './scenario.ts'
import { messageLog, startSipp } from './sipp.ts'

export type PhoneOptions = Partial<PhoneTimes> & {
  /** Logs are written here and stay; without it they are in a temporary folder that is removed. */
  directory?: string
  /**
   * `none`: it sends no audio and reads none. `echo`: it sends back what it hears. A function: it says what the
   * function returns (16 bits, 8,000 samples per second, once, from the answer on) and records both sides; for some
   * calls, not for hundreds at once. Default: none.
   */
  audio?: 'none' | 'echo' | ((call: PhoneCall | undefined) => Int16Array)
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
  soundOf(call: Pick<PhoneCall, 'mediaPort' | 'answered' | 'ended'>): Sound | undefined
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
  const [port = 0, mediaPort = 0, ownMediaPort = 0, controlPort = 0] = await findPorts(4)
  const calls = async () => readCalls(await readFile(join(directory, messageLog), 'utf8').catch(() => ''), Date.now())
  const line = typeof audio === 'function' ? await openLine({ port: ownMediaPort, audio, calls }) : undefined
  const scenarioFile = join(directory, 'telephone.xml')
  const times = { ringMs, longRingMs, talkMs }
  await writeFile(scenarioFile, writeScenario(times, { mediaPort: line ? ownMediaPort : mediaPort }))
  const echo = audio === 'echo'
  const sipp = await startSipp({ command, directory, guard, port, mediaPort, controlPort, scenarioFile, echo })
  const callers: Caller[] = []
  let callsIn = 0
  return {
    address: `127.0.0.1:${port}`,
    directory,
    calls,
    async callIn(request) {
      const own = { command, guard, directory: join(directory, `caller-${++callsIn}`) }
      const caller = await callIn(request, { ...own, mediaPort: line && ownMediaPort })
      callers.push(caller)
      return caller
    },
    soundOf: (call) => line && findSound(line, call),
    async stop() {
      await Promise.all([sipp, ...callers].map((each) => each.stop({ patienceMs: 1_000 })))
      await line?.close()
      await guard.close()
      if (!options.directory) await rm(directory, { recursive: true, force: true })
    },
  }
}

type Line = { port: number; audio: (call: PhoneCall | undefined) => Int16Array; calls: () => Promise<PhoneCall[]> }

function openLine({ port, audio, calls }: Line): Promise<RtpLine> {
  const speech = async (remotePort: number) => audio((await calls()).findLast((call) => call.mediaPort === remotePort))
  return openRtpLine({ port, speech })
}

type Answered = Pick<PhoneCall, 'mediaPort' | 'answered' | 'ended'>

/** Other calls may have had the port before, and after. */
function findSound(line: RtpLine, { mediaPort = 0, answered, ended }: Answered): Sound | undefined {
  if (!answered) return undefined
  const [fromMs, untilMs] = [answered.realMs - 1_000, ended?.realMs ?? Number.POSITIVE_INFINITY]
  return line.soundsOf(mediaPort).find(({ startedMs }) => startedMs >= fromMs && startedMs <= untilMs)
}
