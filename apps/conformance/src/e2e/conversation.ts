import { readFile, writeFile } from 'node:fs/promises'
import type { CallIn } from '../phone/caller.ts'
import type { Phone } from '../phone/phone.ts'
import type { PhoneCall } from '../phone/phone-calls.ts'
import { measureTone } from '../sound/measure.ts'
import { tone } from '../sound/tone.ts'
import { decodeWave, encodeWave } from '../sound/wav.ts'
import type { AgentJob, JobStory } from '../worker/script.ts'
import type { Check } from './checks.ts'

/** What each side says is a tone of its own. */
export const agentHz = 440
const calleeHz = 620

const telephoneRate = 8_000

/** As loud as a tone must still be, and how much of the energy it must be, after two codecs. */
const least = { rms: 0.05, toneShare: 0.7, soundingMs: 500 }

/** What these people say when they pick up; the others make no sound, since every sound takes a part of a core. */
export function sayHello(sounding: string[]): (call: PhoneCall | CallIn) => Int16Array | undefined {
  const hello = tone({ hz: calleeHz, rate: telephoneRate, samples: 1.2 * telephoneRate })
  return (call) => ('to' in call && sounding.includes(call.to) ? hello : undefined)
}

/** Writes what the telephone heard (left) and said (right) in the last call to this number. */
export async function recordTelephone(
  phone: Phone,
  { phoneNumber, file }: { phoneNumber: string; file: string },
): Promise<void> {
  const call = (await phone.calls()).findLast(({ to, answered }) => to === phoneNumber && answered)
  const sound = call && phone.soundOf(call)
  if (sound) await writeFile(file, encodeWave({ rate: telephoneRate, channels: [sound.heard, sound.said] }))
}

/** Measures both sides of the one conversation that was recorded, where they were said and where they arrived. */
export async function checkRecording(files: { atAgent: string; atTelephone: string }): Promise<Check> {
  const [agent, telephone] = await Promise.all([measureFile(files.atAgent), measureFile(files.atTelephone)])
  const sides = [
    { who: 'the callee at the telephone', sound: telephone?.({ channel: 1, hz: calleeHz }) },
    { who: 'the callee at the agent', sound: agent?.({ channel: 0, hz: calleeHz }) },
    { who: 'the agent at the agent', sound: agent?.({ channel: 1, hz: agentHz }) },
    { who: 'the agent at the telephone', sound: telephone?.({ channel: 0, hz: agentHz }) },
  ]
  const problems = sides
    .filter(({ sound }) => !sound || isTooLittle(sound))
    .map(({ who, sound }) => `${who} cannot be heard: ${JSON.stringify(sound ?? 'no recording')}`)
  const facts = sides.map(({ who, sound }) => `${who} ${describe(sound)}`).join('; ')
  return { name: 'both sides of a recorded conversation can be heard at both ends', facts, problems }
}

type Measured = ReturnType<typeof measureTone>

async function measureFile(file: string): Promise<((of: { channel: number; hz: number }) => Measured) | null> {
  const wave = await readFile(file).then(decodeWave, () => null)
  if (!wave) return null
  return ({ channel, hz }) => measureTone(wave.channels[channel] ?? new Int16Array(), { hz, rate: wave.rate })
}

function isTooLittle({ rms, toneShare, soundingMs }: Measured): boolean {
  return rms < least.rms || toneShare < least.toneShare || soundingMs < least.soundingMs
}

function describe(sound: Measured | undefined): string {
  if (!sound) return 'not recorded'
  const share = Math.round(sound.toneShare * 100)
  return `${sound.soundingMs} ms of energy ${sound.rms.toFixed(2)}, ${share} % of it the tone`
}

/** Agents came to every call that was answered, heard sound, and could report. */
export function checkAgents(stories: JobStory[], stuck: AgentJob[]): Check {
  const talks = stories.filter(({ callStatuses }) => callStatuses.some(({ status }) => status === 'active'))
  const problems = [
    ...stuck.map(({ roomName }) => `the agent of ${roomName} is still there`),
    ...stories.flatMap(({ job, problem }) => (problem ? [`the agent of ${job.roomName} failed: ${problem}`] : [])),
    ...talks.flatMap(({ job, reported }) =>
      reported.filter(({ status }) => status !== 202).map(({ status }) => `a report of ${job.roomName} got ${status}`),
    ),
    // Whoever hangs up at once is not heard, nor is anybody where the agent makes no sound itself.
    ...talks
      .filter(({ heard, ending, saidMs }) => ending === 'hung_up' && saidMs > 0 && heard.rms < 0.01)
      .map(({ job, heard }) => `the agent of ${job.roomName} heard nothing (${JSON.stringify(heard)})`),
  ]
  const joins = stories.flatMap(({ assignedMs, joinedMs }) => (assignedMs && joinedMs ? [joinedMs - assignedMs] : []))
  const slowest = Math.round(Math.max(0, ...joins))
  const facts = `${stories.length} dispatches, ${talks.length} conversations, the slowest agent was in the room after ${slowest} ms`
  return { name: 'agents came, heard the callee and could report', facts, problems }
}
