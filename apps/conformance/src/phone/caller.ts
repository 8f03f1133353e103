import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Guard } from '@outdial/chaos/guard'
import type { Moment } from '@outdial/judge/evidence'
import { findUdpPorts } from '../servers/udp-ports.ts'
import { writeCallerScenario } from './caller-scenario.ts'
import { readMessageLog, type SipMessage } from './message-log.ts'
import { messageLog, startSipp } from './sipp.ts'

export type CallInRequest = {
  /** host:port of livekit-sip. */
  sipAddress: string
  from: string
  to: string
  /** How long it lets it ring, in ms. Default: 10 s. */
  patienceMs?: number
  /** How long it stays on the phone, unless the other side hangs up. Default: 2 s. */
  talkMs?: number
  headers?: Record<string, string>
}

/** A call to LiveKit as the caller saw it. */
export type CallIn = {
  callId: string
  invited?: Moment
  ringing?: Moment
  answered?: Moment
  ended?: Moment
  /** The final response to the INVITE. */
  sipStatus?: number
  sipReason?: string
  hungUpBy?: 'caller' | 'livekit'
  /** Where LiveKit takes RTP: the port of its answer. */
  mediaPort?: number
}

export type CallerSettings = { command: string; directory: string; guard: Guard; mediaPort: number | undefined }

export type Caller = {
  /** What happened so far. */
  seen(): Promise<CallIn>
  /** Resolves when the call is over. */
  over(): Promise<CallIn>
  stop(): Promise<void>
}

/** Somebody calls: one process of sipp for one call. */
export async function callIn(request: CallInRequest, settings: CallerSettings): Promise<Caller> {
  const { directory, command, guard } = settings
  const { sipAddress, from, to, patienceMs = 10_000, talkMs = 2_000, headers = {} } = request
  await mkdir(directory, { recursive: true })
  const [port = 0, mediaPort = 0, controlPort = 0] = await findUdpPorts(3)
  const scenarioFile = join(directory, 'caller.xml')
  const scenario = writeCallerScenario(
    { from, to, patienceMs, talkMs, headers },
    { mediaPort: settings.mediaPort ?? mediaPort },
  )
  await writeFile(scenarioFile, scenario)
  const ports = { port, mediaPort, controlPort }
  const sipp = await startSipp({ command, directory, guard, scenarioFile, echo: false, ...ports, callee: sipAddress })
  const seen = async () => readCallIn(await readFile(join(directory, messageLog), 'utf8').catch(() => ''))
  return {
    seen,
    async over() {
      await sipp.exited()
      return seen()
    },
    stop: async () => void (await sipp.stop({ patienceMs: 1_000 })),
  }
}

export function readCallIn(log: string): CallIn {
  const call: CallIn = { callId: '' }
  for (const message of readMessageLog(log).messages) follow(call, message)
  return call
}

function follow(call: CallIn, { atMs, direction, method, status, reason, headers, body }: SipMessage): void {
  const at: Moment = { at: new Date(atMs).toISOString(), realMs: Math.floor(atMs) }
  const isOurs = direction === 'sent'
  if (method === 'INVITE' && isOurs) {
    call.callId = headers.get('call-id') ?? ''
    call.invited ??= at
  }
  if (method === 'BYE') {
    call.ended ??= at
    call.hungUpBy ??= isOurs ? 'caller' : 'livekit'
  }
  if (method === 'CANCEL' && isOurs) {
    call.ended ??= at
    call.hungUpBy ??= 'caller'
  }
  const isAnswer = !isOurs && status !== undefined && (headers.get('cseq') ?? '').endsWith('INVITE')
  if (!isAnswer) return
  if (status >= 180 && status < 200) call.ringing ??= at
  if (status < 200 || call.sipStatus) return
  Object.assign(call, { sipStatus: status, sipReason: reason })
  if (status >= 300) {
    call.ended ??= at
    return
  }
  call.answered = at
  const port = /^m=audio (\d+)/m.exec(body)?.[1]
  if (port) call.mediaPort = Number(port)
}
