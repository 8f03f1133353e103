import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { Listener } from './listener.ts'
import { Speaker } from './speaker.ts'

/** What one call sounded like at the telephone. */
export type Sound = {
  /** When its first packet came, real ms. */
  startedMs: number
  /** 8,000 samples per second, since the first packet; what got lost is silence. */
  heard: Int16Array
  /** What the telephone said since then. */
  said: Int16Array
  /** Keys that the other side pressed (RFC 4733). */
  dtmf: string
}

/** Where the telephone takes RTP, of all its calls: they differ by the port of the other side. */
export type RtpLine = {
  /** The calls whose other side had this port, oldest first. */
  soundsOf(remotePort: number): Sound[]
  close(): Promise<void>
}

type Talker = { listener: Listener; speaker: Speaker | undefined; startedMs: number; heardMs: number; source: number }

/** Whoever sends nothing for so long has hung up. */
const goneAfterMs = 10_000

/**
 * Begins to speak to whoever sends a packet. `speech` says what, 8,000 samples per second, once; nothing but silence
 * follows. It records everything, so it is for some calls and not for thousands.
 */
export async function openRtpLine(options: {
  port: number
  speech: (remotePort: number) => Promise<Int16Array | undefined>
}): Promise<RtpLine> {
  const socket = createSocket('udp4')
  socket.bind(options.port, '127.0.0.1')
  await once(socket, 'listening')
  const talkers = new Map<number, Talker[]>()
  const timers = new Set<NodeJS.Timeout>()

  function begin(remote: RemoteInfo, source: number): Talker {
    const talker: Talker = {
      listener: new Listener(),
      speaker: undefined,
      startedMs: Date.now(),
      heardMs: Date.now(),
      source,
    }
    talkers.set(remote.port, [...(talkers.get(remote.port) ?? []), talker])
    options.speech(remote.port).then(
      (speech) => {
        talker.speaker = new Speaker(speech ?? new Int16Array(), talker.startedMs)
      },
      () => {},
    )
    const timer = setInterval(() => {
      if (Date.now() - talker.heardMs > goneAfterMs) {
        clearInterval(timer)
        timers.delete(timer)
      }
      for (const packet of talker.speaker?.due(Date.now()) ?? []) socket.send(packet, remote.port, remote.address)
    }, 20)
    timers.add(timer)
    return talker
  }

  socket.on('message', (packet, remote) => {
    if (packet.length < 12) return
    const source = packet.readUInt32BE(8)
    const latest = talkers.get(remote.port)?.at(-1)
    // A port that is used again brings another source.
    const talker = latest?.source === source ? latest : begin(remote, source)
    talker.heardMs = Date.now()
    talker.listener.hear(packet)
  })
  // Nobody is there any more: the call has ended.
  socket.on('error', () => {})

  return {
    soundsOf: (remotePort) =>
      (talkers.get(remotePort) ?? []).map(({ listener, speaker, startedMs }) => ({
        startedMs,
        heard: listener.heard(),
        said: speaker?.said() ?? new Int16Array(),
        dtmf: listener.dtmf,
      })),
    async close() {
      for (const timer of timers) clearInterval(timer)
      socket.close()
      await once(socket, 'close')
    },
  }
}
