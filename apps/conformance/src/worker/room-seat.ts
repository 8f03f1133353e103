import { setTimeout as delay } from 'node:timers/promises'
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  DisconnectReason,
  LocalAudioTrack,
  type Participant,
  ParticipantKind,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node'
import { powerOf } from '../sound/measure.ts'
import { tone } from '../sound/tone.ts'
import type { Wave } from '../sound/wav.ts'
import { deafen } from './media-leftovers.ts'
import type { JobStory } from './script.ts'

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

const rate = 16_000
const frameMs = 100
const joinPatienceMs = 20_000
const leavePatienceMs = 2_000

/** Statuses that a leg reaches only after somebody, or something, has picked up. */
const answeredStatuses = ['active', 'automation']

/** `record`: whether to keep what is heard and said. @throws when LiveKit does not let it in */
export async function joinRoom(place: {
  url: string
  token: string
  story: JobStory
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
  const follow = (participant: Participant) => {
    if (participant.kind !== ParticipantKind.SIP) return
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
  room.on(RoomEvent.TrackSubscribed, (track, _, participant) => {
    if (track.kind === TrackKind.KIND_AUDIO && participant.kind === ParticipantKind.SIP) void listen(track, story, tape)
  })
  await connect(room, place)
  story.joinedMs = Date.now()
  if (room.localParticipant) story.identity = room.localParticipant.identity
  const source = new AudioSource(rate, 1)
  await publish(room, source)
  for (const participant of room.remoteParticipants.values()) follow(participant)
  let leaving: Promise<void> | undefined
  return {
    answered: answered.promise,
    alone: alone.promise,
    isOver: () => over,
    say: async (sound) => {
      story.saidMs += await speak(source, sound, { tape, isOver: () => over })
    },
    leave() {
      close()
      leaving ??= leave(room, source)
      return leaving
    },
    recording: tape.wave,
  }
}

/** @throws when it takes too long, as it does where the room has gone meanwhile */
async function connect(room: Room, { url, token }: { url: string; token: string }): Promise<void> {
  const tooLong = delay(joinPatienceMs, undefined, { ref: false }).then(() => {
    throw new Error(`LiveKit did not let the agent in within ${joinPatienceMs} ms`)
  })
  try {
    await Promise.race([room.connect(url, token, { autoSubscribe: true, dynacast: false }), tooLong])
  } catch (error) {
    deafen(room)
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

async function publish(room: Room, source: AudioSource): Promise<void> {
  const track = LocalAudioTrack.createAudioTrack('agent', source)
  await room.localParticipant?.publishTrack(track, new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }))
}

async function leave(room: Room, source: AudioSource): Promise<void> {
  const left = room.disconnect().catch(() => undefined)
  await Promise.race([left, delay(leavePatienceMs, undefined, { ref: false })])
  deafen(room)
  await source.close().catch(() => undefined)
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
      return { rate, channels: [joined(heard, length), right] }
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

async function listen(track: RemoteTrack, story: JobStory, tape: Tape): Promise<void> {
  for await (const { data } of new AudioStream(track, { sampleRate: rate, numChannels: 1, frameSizeMs: frameMs })) {
    const answered = story.callStatuses.some(({ status }) => answeredStatuses.includes(status))
    if (!answered) continue
    const { samples, rms } = story.heard
    const energy = rms ** 2 * samples + powerOf(data) * data.length
    story.heard = { samples: samples + data.length, rms: Math.sqrt(energy / (samples + data.length)) }
    tape.hear(Int16Array.from(data))
  }
}

/** How many ms were said. */
async function speak(
  source: AudioSource,
  { hz, ms }: { hz: number; ms: number },
  { tape, isOver }: { tape: Tape; isOver: () => boolean },
): Promise<number> {
  const samples = (rate * frameMs) / 1_000
  let said = 0
  for (; said < ms && !isOver(); said += frameMs) {
    const data = tone({ hz, rate, samples, fromSample: (said * rate) / 1_000 })
    tape.say(data)
    await source.captureFrame(new AudioFrame(data, rate, 1, samples))
  }
  if (said > 0 && !isOver()) await source.waitForPlayout()
  return said
}
