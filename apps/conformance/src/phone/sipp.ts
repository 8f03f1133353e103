import { access, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guard } from '@outdial/chaos/guard'
import { type ManagedProcess, startProcess } from '@outdial/chaos/managed-process'
import { isUdpFree } from '../servers/udp-ports.ts'

export type SippSettings = {
  command: string
  directory: string
  guard: Guard
  port: number
  mediaPort: number
  controlPort: number
  scenarioFile: string
  /** It sends the audio back that comes to its media port. */
  echo: boolean
  /** Makes it call this host:port once, and end; without it, it takes calls until it is stopped. */
  callee?: string
}

/** Every message in and out, with its time. */
export const messageLog = 'messages.log'

/** Which numbers were called before, for the scenario to look up. */
const seenFile = 'seen.csv'

/** One sipp process that takes all calls; every message it sends or gets is written to `messageLog`. */
export async function startSipp(settings: SippSettings): Promise<ManagedProcess> {
  const { command, directory, guard } = settings
  // sipp wants one line at least.
  await writeFile(join(directory, seenFile), 'SEQUENTIAL\nnobody\n')
  const sipp = startProcess({
    name: 'sipp',
    command,
    args: argsOf(settings),
    // It writes local times without saying which.
    env: { TZ: 'UTC', TERM: 'dumb' },
    cwd: directory,
    logFile: join(directory, 'sipp.log'),
    isReady: settings.callee ? async () => true : whenBound(settings),
    readyDeadlineMs: 15_000,
    guard,
  })
  await sipp.ready()
  return sipp
}

function argsOf({ directory, port, mediaPort, controlPort, scenarioFile, echo, callee }: SippSettings): string[] {
  const files = { '-sf': scenarioFile, '-message_file': join(directory, messageLog) }
  const settings = {
    ...files,
    ...{ '-inf': seenFile, '-i': '127.0.0.1', '-p': port, '-mi': '127.0.0.1', '-mp': mediaPort },
    ...{ '-ci': '127.0.0.1', '-cp': controlPort, '-error_file': join(directory, 'errors.log') },
    // It would stop when the machine is slow.
    ...{ '-watchdog_interval': 0, '-f': 60, '-timer_resol': 10 },
    // A message that comes too early is sent again; a call that is given up is not.
    ...{ '-default_behaviors': 'all,-abortunexp' },
  }
  const switches = ['-trace_msg', '-trace_err', '-aa', '-nostdin', ...(echo ? ['-rtp_echo'] : [])]
  return [
    ...(callee ? [callee, '-m', '1'] : []),
    ...Object.entries(settings).flatMap(([name, value]) => [name, String(value)]),
    ...['-infindex', seenFile, '0'],
    ...switches,
  ]
}

/** sipp opens its log and then its port: whoever asks for the port before the log is there could take it away. */
function whenBound({ directory, port }: SippSettings): () => Promise<boolean> {
  let isStarted = false
  return async () => {
    if (isStarted) return !(await isUdpFree(port))
    await access(join(directory, messageLog))
    isStarted = true
    return false
  }
}
