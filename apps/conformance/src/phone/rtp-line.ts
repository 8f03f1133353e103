import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { Listener } from './listener.ts'
import { Speaker, type Speech } from './speaker.ts'

/** What one call sounded like at the telephone. Both sides begin at `startedMs`, with 8,000 samples per second. */
export type Sound = {
  /** When the first side made a sound, real ms. */
  startedMs: number
  /** What got lost is silence. */
  heard: Int16Array
  said: Int16Array
  /** Keys that the other side pressed (RFC 4733). */
  dtmf: string
}

/** Where the telephone takes the sound of all its calls: they differ by the port of the other side. */
export type RtpLine = {
  /** Says this once to whoever is at the port, and is silent after it, until `hush`. */
  speak(remotePort: number, speech: Speech): void
  hush(remotePort: number): void
  /** The calls whose other side had this port, oldest first. */
  soundsOf(remotePort: number): Sound[]
  close(): Promise<void>
}

type Talk = {
  listener: Listener
  /** The source of what is heard; a port that is used again brings another one. */
  source?: number
  saidMs?: number
  speaker?: Speaker
  isOver: boolean
  stop(): void
}

/** Records everything, so it is for some calls and not for thousands. */
export async function openRtpLine(options: { port: number }): Promise<RtpLine> {
  const socket = createSocket('udp4')
  socket.bind(options.port, '127.0.0.1')
  await once(socket, 'listening')
  const talks = new Map<number, Talk[]>()

  function begin(port: number): Talk {
    const talk: Talk = { listener: new Listener(), isOver: false, stop: () => {} }
    talks.set(port, [...(talks.get(port) ?? []), talk])
    return talk
  }

  /** The one that goes on, if it is this one's. */
  function current(port: number, isSame: (talk: Talk) => boolean): Talk {
    const latest = talks.get(port)?.at(-1)
    return latest && !latest.isOver && isSame(latest) ? latest : begin(port)
  }

  socket.on('message', (packet, { port }) => {
    if (packet.length < 12) return
    const source = packet.readUInt32BE(8)
    const last = talks.get(port)?.at(-1)
    // What was still under way when the call ended.
    if (last?.isOver && last.source === source) return
    const talk = current(port, (each) => (each.source ?? source) === source)
    talk.source = source
    talk.listener.hear(packet, Date.now())
  })
  // Nobody is there any more: the call has ended.
  socket.on('error', () => {})

  return {
    speak(port, speech) {
      const talk = current(port, (each) => each.speaker === undefined)
      const saidMs = Date.now()
      const speaker = new Speaker(speech, saidMs)
      const send = () => {
        for (const packet of speaker.due(Date.now())) socket.send(packet, port, '127.0.0.1')
      }
      const timer = setInterval(send, 20)
      Object.assign(talk, { saidMs, speaker, stop: () => clearInterval(timer) })
    },
    hush(port) {
      const talk = talks.get(port)?.at(-1)
      talk?.stop()
      if (talk) talk.isOver = true
    },
    soundsOf: (port) => (talks.get(port) ?? []).map(toSound),
    async close() {
      for (const talk of [...talks.values()].flat()) talk.stop()
      socket.close()
      await once(socket, 'close')
    },
  }
}

function toSound({ listener, saidMs, speaker }: Talk): Sound {
  const heardMs = listener.startedMs
  const startedMs = Math.min(heardMs ?? Number.POSITIVE_INFINITY, saidMs ?? Number.POSITIVE_INFINITY)
  return {
    startedMs,
    heard: delayed(listener.heard(), (heardMs ?? startedMs) - startedMs),
    said: delayed(speaker?.said() ?? new Int16Array(), (saidMs ?? startedMs) - startedMs),
    dtmf: listener.dtmf,
  }
}

function delayed(samples: Int16Array, byMs: number): Int16Array {
  const all = new Int16Array(samples.length + byMs * 8)
  all.set(samples, byMs * 8)
  return all
}
