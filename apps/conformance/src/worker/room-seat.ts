import { setTimeout as delay } from 'node:timers/promises'
import {
  type AudioFrame,
  AudioStream,
  DisconnectReason,
  type Participant,
  ParticipantKind,
  Room,
  RoomEvent,
  TrackKind,
} from '@livekit/rtc-node'
import { powerOf } from '../sound/measure.ts'
import type { Wave } from '../sound/wav.ts'
import { deafen, letGo, takeDown } from './media-leftovers.ts'
import type { JobStory } from './script.ts'
import { createVoice, type Voice, voiceRate } from './voice.ts'

/** The agent's place in a room: what it hears, what it says, and who else is there. */
export type RoomSeat = {
  /** True once the callee has answered, false when the callee, or the room, is gone without an answer. */
  answered: Promise<boolean>
  /** Resolves when there is nobody left to talk to. */
  alone: Promise<void>
  /** Whether the room, or the callee, is gone. */
  isOver(): boolean
  /** Ends early when nobody listens any more. */
  say(sound: { hz: number; ms: number }): Promise<void>
  leave(): Promise<void>
  /** Left what was heard, right what was said, from the answer on. */
  recording(): Wave
}

const frameMs = 100
const joinPatienceMs = 20_000

/** Statuses that a leg reaches only after somebody, or something, has picked up. */
const answeredStatuses = ['active', 'automation']

/** `sound`: whether to hear and speak; `record`: whether to keep that. @throws when LiveKit does not let it in */
export async function joinRoom(place: {
  url: string
  token: string
  story: JobStory
  sound: boolean
  record: boolean
}): Promise<RoomSeat> {
  const { story } = place
  const room = new Room()
  const answered = Promise.withResolvers<boolean>()
  const alone = Promise.withResolvers<void>()
  let over = false
  const close = () => {
    over = true
    answered.resolve(false)
    alone.resolve()
  }
  const tape = createTape(place)
  const voice = createVoice(room)
  const belongings: Belongings = { things: new Set(), readers: new Set() }
  const follow = (participant: Participant) => {
    belongings.things.add(participant)
    if (participant.kind !== ParticipantKind.SIP) return
    // Only who calls in came by a rule.
    if (place.sound && participant.attributes['sip.ruleID']) voice.open()
    if (noteStatus(story, participant)) {
      tape.begin()
      answered.resolve(true)
    }
  }
  room.on(RoomEvent.ParticipantConnected, follow)
  room.on(RoomEvent.ParticipantAttributesChanged, (_, participant) => follow(participant))
  room.on(RoomEvent.ParticipantDisconnected, (participant) => {
    if (participant.kind !== ParticipantKind.SIP) return
    story.calleeLeftMs = Date.now()
    story.calleeLeftBecause = DisconnectReason[participant.disconnectReason ?? DisconnectReason.UNKNOWN_REASON]
    close()
  })
  room.on(RoomEvent.Disconnected, close)
  room.on(RoomEvent.TrackSubscribed, (track, publication, participant) => {
    belongings.things.add(track).add(publication)
    if (track.kind !== TrackKind.KIND_AUDIO || participant.kind !== ParticipantKind.SIP) return
    const stream = new AudioStream(track, { sampleRate: voiceRate, numChannels: 1, frameSizeMs: frameMs })
    const reader = stream.getReader()
    belongings.readers.add(reader)
    void listen(reader, { story, tape })
  })
  await connect(room, place)
  story.joinedMs = Date.now()
  if (room.localParticipant) story.identity = room.localParticipant.identity
  for (const participant of room.remoteParticipants.values()) follow(participant)
  let leaving: Promise<void> | undefined
  return {
    answered: answered.promise,
    alone: alone.promise,
    isOver: () => over,
    say: async (sound) => {
      if (place.sound) story.saidMs += await voice.say(sound, { isOver: () => over, hear: tape.say })
      else await Promise.race([delay(sound.ms, undefined, { ref: false }), alone.promise])
    },
    leave() {
      close()
      leaving ??= leave(room, { voice, belongings })
      return leaving
    },
    recording: tape.wave,
  }
}

/** @throws when it takes too long, as it does where the room has gone meanwhile */
async function connect(
  room: Room,
  { url, token, sound }: { url: string; token: string; sound: boolean },
): Promise<void> {
  const tooLong = delay(joinPatienceMs, undefined, { ref: false }).then(() => {
    throw new Error(`LiveKit did not let the agent in within ${joinPatienceMs} ms`)
  })
  const connecting = room.connect(url, token, { autoSubscribe: sound, dynacast: false })
  try {
    await Promise.race([connecting, tooLong])
  } catch (error) {
    deafen(room)
    connecting.then(
      () => takeDown(room),
      () => {},
    )
    throw error
  }
}

/** Whether the callee has answered, by now. */
function noteStatus(story: JobStory, participant: Participant): boolean {
  story.calleeAttributes = { ...story.calleeAttributes, ...participant.attributes }
  const status = participant.attributes['sip.callStatus'] ?? ''
  if (status !== '' && story.callStatuses.at(-1)?.status !== status)
    story.callStatuses.push({ status, atMs: Date.now() })
  return answeredStatuses.includes(status)
}

/** What is to be given back when the agent leaves. */
type Belongings = { things: Set<object>; readers: Set<ReadableStreamDefaultReader<AudioFrame>> }

async function leave(room: Room, { voice, belongings }: { voice: Voice; belongings: Belongings }): Promise<void> {
  await takeDown(room)
  for (const reader of belongings.readers) await reader.cancel().catch(() => undefined)
  await voice.close().catch(() => undefined)
  letGo([...belongings.things, ...voice.belongings(), room.localParticipant, room])
}

type Tape = {
  begin(): void
  hear(samples: Int16Array): void
  say(samples: Int16Array): void
  wave(): Wave
}

/** What was heard counts the time; what is said is put where it was said. */
function createTape({ record }: { record: boolean }): Tape {
  const heard: Int16Array[] = []
  const said: { at: number; samples: Int16Array }[] = []
  let length = 0
  let begun = false
  return {
    begin() {
      begun = record
    },
    hear(samples) {
      if (!begun) return
      heard.push(samples)
      length += samples.length
    },
    say(samples) {
      if (!begun) return
      const last = said.at(-1)
      const at = Math.max(length, last ? last.at + last.samples.length : 0)
      said.push({ at, samples })
    },
    wave() {
      const end = said.at(-1)
      const right = new Int16Array(Math.max(length, end ? end.at + end.samples.length : 0))
      for (const { at, samples } of said) right.set(samples, at)
      return { rate: voiceRate, channels: [joined(heard, length), right] }
    },
  }
}

function joined(parts: Int16Array[], length: number): Int16Array {
  const whole = new Int16Array(length)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

async function listen(
  reader: ReadableStreamDefaultReader<AudioFrame>,
  { story, tape }: { story: JobStory; tape: Tape },
): Promise<void> {
  for (let frame = await reader.read(); !frame.done; frame = await reader.read()) {
    const { data } = frame.value
    const answered = story.callStatuses.some(({ status }) => answeredStatuses.includes(status))
    if (!answered) continue
    const { samples, rms } = story.heard
    const energy = rms ** 2 * samples + powerOf(data) * data.length
    story.heard = { samples: samples + data.length, rms: Math.sqrt(energy / (samples + data.length)) }
    tape.hear(Int16Array.from(data))
  }
}
