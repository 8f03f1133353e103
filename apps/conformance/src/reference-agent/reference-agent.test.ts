import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { setUpTrunk } from '../e2e/campaign.ts'
import { type Installation, openInstallation } from '../e2e/installation.ts'
import type { Speech } from '../phone/speaker.ts'
import { findPrograms } from '../servers/programs.ts'
import { measureTone } from '../sound/measure.ts'
import { tone } from '../sound/tone.ts'
import { type ReferenceAgent, startReferenceAgent } from './reference-agent.ts'

const { missing } = await findPrograms()

if (missing.length > 0) {
  test(`conversations of the reference agent are LEFT OUT: ${missing.join(', ')} missing`, async () => {
    await expect(openInstallation(join(tmpdir(), 'outdial-nowhere'), {})).rejects.toThrow(missing[0])
  })
} else {
  describe('the reference agent, over real LiveKit servers and a telephone', conversations)
}

const agentName = 'reference-agent'
const [agentHz, calleeHz, rate] = [440, 620, 8_000]
const disclosure = 'I am an automated assistant.'
const ownDisclosure = 'A machine calls.'
const message = 'We will call again.'
const transferTarget = 'tel:+15005550099'
const greeting = 'Hello, this is Ada.'
const questions = ['How many are you?', 'Since when?']
const people = {
  answers: '+15005550001',
  machine: '+15005550006',
  hangsUp: '+15005550015',
  presses9: '+15005550004',
  presses0: '+15005550005',
}
const ownNumber = '+12125550178'

const created = z.object({ id: z.string() })
const callRow = z.object({
  ...{ id: z.string(), status: z.string(), disposition: z.string().nullable(), outcome: z.string().nullable() },
  answers: z.record(z.string(), z.unknown()).nullable(),
  transcript: z.array(z.object({ speaker: z.string(), text: z.string() })).nullable(),
})

/** Tones with pauses between them, each in ms. */
function sounds(parts: { pauseMs: number; toneMs: number }[]): Int16Array {
  const samples = (ms: number) => Math.round((ms * rate) / 1_000)
  const length = parts.reduce((sum, { pauseMs, toneMs }) => sum + samples(pauseMs) + samples(toneMs), 0)
  const all = new Int16Array(length)
  let at = 0
  for (const { pauseMs, toneMs } of parts) {
    at += samples(pauseMs)
    all.set(tone({ hz: calleeHz, rate, samples: samples(toneMs) }), at)
    at += samples(toneMs)
  }
  return all
}

const saidBy = (who: string, { transcript }: z.infer<typeof callRow>) =>
  (transcript ?? []).flatMap(({ speaker, text }) => (speaker === who ? [text] : []))

/** Somebody says hello and something now and then; a machine makes a speech. */
function speechOf(call: object): Speech {
  if ('to' in call && call.to === people.machine) return sounds([{ pauseMs: 300, toneMs: 4_500 }])
  const remarks = Array.from({ length: 12 }, () => ({ pauseMs: 4_000, toneMs: 900 }))
  const samples = sounds([{ pauseMs: 400, toneMs: 500 }, ...remarks])
  const key = 'to' in call && { [people.presses9]: '9', [people.presses0]: '0' }[String(call.to)]
  if (!key) return samples
  // Again and again, whether the agent greets or listens.
  return {
    samples: samples.subarray(0, rate),
    keys: [8, 11, 14].map((after) => ({ key, afterMs: after * 1_000 })),
  }
}

function conversations() {
  let directory: string
  let installation: Installation
  let agent: ReferenceAgent
  let assistantId: string

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'outdial-agent-'))
    installation = await openInstallation(directory, { ringMs: 500, talkMs: 12_000, audio: speechOf })
    const tones = { hz: agentHz, sentences: [disclosure, ownDisclosure, message, greeting, ...questions] }
    agent = await startReferenceAgent(installation, { name: agentName, directory, tones })
    await setUpTrunk(installation)
    const words = { name: 'Ada', agentName, greeting, aiDisclosure: disclosure, questions }
    assistantId = (await installation.api.post('/assistants', words, created)).id
  }, 180_000)
  afterAll(async () => {
    await agent?.stop()
    await installation?.close()
    await rm(directory, { recursive: true, force: true })
  }, 60_000)

  /** Calls somebody, and waits for the end and for what is known of it. */
  async function callUp(phoneNumber: string, wishes: Record<string, unknown> = {}) {
    const wish = { phoneNumber, assistantId, ignoreWindow: true, ...wishes }
    const { id } = await installation.api.post('/outbound-calls/initiate', wish, created)
    return finished(() => installation.api.get(`/outbound-calls/${id}`, callRow))
  }

  async function finished(look: () => Promise<z.infer<typeof callRow>>) {
    const settled = async () => {
      const call = await look()
      expect(call.status, agent.log()).toMatch(/completed|failed/)
      return call
    }
    return vi.waitFor(settled, { timeout: 90_000, interval: 500 })
  }

  const at = async (phoneNumber: string) => (await installation.phone.calls()).findLast(({ to }) => to === phoneNumber)

  test('comes when doctor sends for it', async () => {
    const { code, output } = await installation.outdial('doctor', '--agent', agentName)
    expect(code, `${output}\n${agent.log()}`).toBe(0)
  }, 120_000)

  test('asks its questions, is answered, reports, and hangs up; both sides can be heard', async () => {
    const call = await callUp(people.answers)
    expect(call, agent.log()).toMatchObject({ disposition: 'completed', outcome: 'interested' })
    expect(Object.keys(call.answers ?? {}).toSorted()).toEqual(questions)
    for (const answer of Object.values(call.answers ?? {}))
      expect(answer).toMatch(/^\(0\.[789] s of sound\)$|^\(1\.\d s of sound\)$/)
    const said = saidBy('agent', call)
    expect(said.slice(0, 3)).toEqual([`${disclosure} ${greeting}`, ...questions])
    expect(saidBy('callee', call).length).toBeGreaterThanOrEqual(3)
    const seen = await at(people.answers)
    expect(seen).toMatchObject({ hungUpBy: 'livekit' })
    const sound = seen && installation.phone.soundOf(seen)
    const agentSound = measureTone(sound?.heard ?? new Int16Array(), { hz: agentHz, rate })
    const calleeSound = measureTone(sound?.said ?? new Int16Array(), { hz: calleeHz, rate })
    expect(agentSound.soundingMs, JSON.stringify(agentSound)).toBeGreaterThan(4_000)
    expect(agentSound.toneShare).toBeGreaterThan(0.5)
    expect(calleeSound.toneShare).toBeGreaterThan(0.9)
  }, 120_000)

  test('takes a long speech for a machine, and hangs up as the call says', async () => {
    const call = await callUp(people.machine)
    expect(call, agent.log()).toMatchObject({ disposition: 'completed', outcome: 'voicemail' })
    const sound = await at(people.machine)
    const heard = sound && installation.phone.soundOf(sound)
    expect(measureTone(heard?.heard ?? new Int16Array(), { hz: agentHz, rate }).soundingMs).toBe(0)
  }, 120_000)

  test('leaves the message of the campaign on a machine, in words that say what is talking', async () => {
    const { id: contactListId } = await installation.api.post('/contact-lists', { name: 'Nobody' }, created)
    const machines = { voicemail: 'leave_message', voicemailMessage: message, aiDisclosure: ownDisclosure }
    const hours = { callingDays: ['monday'], startHour: 0, endHour: 0 }
    const list = { name: 'Messages', assistantId, contactSource: 'contact_list', contactListId }
    const campaign = await installation.api.post('/campaigns', { ...list, ...hours, ...machines }, created)
    const call = await callUp(people.machine, { campaignId: campaign.id })
    expect(call, agent.log()).toMatchObject({ disposition: 'completed', outcome: 'voicemail' })
    expect(saidBy('agent', call)).toEqual([`${ownDisclosure} ${message}`])
    const seen = await at(people.machine)
    const sound = measureTone((seen && installation.phone.soundOf(seen)?.heard) ?? new Int16Array(), {
      hz: agentHz,
      rate,
    })
    expect(sound.soundingMs, JSON.stringify(sound)).toBeGreaterThan(1_500)
  }, 120_000)

  test('hands over to where the call says, when it is asked to', async () => {
    const call = await callUp(people.presses0, { metadata: { transfer_target: transferTarget } })
    expect(call, agent.log()).toMatchObject({ disposition: 'completed' })
    expect(await at(people.presses0), agent.log()).toMatchObject({ transfer: { to: '+15005550099' } })
  }, 120_000)

  test('takes a key for a wish not to be called again, and the number is suppressed', async () => {
    const call = await callUp(people.presses9)
    expect(call, agent.log()).toMatchObject({ disposition: 'completed', outcome: 'do_not_call' })
    expect(saidBy('callee', call), agent.log()).toContain('(pressed 9)')
    const suppressed = await installation.api.list('/suppressions', z.object({ phoneNumber: z.string() }))
    expect(suppressed).toContainEqual({ phoneNumber: people.presses9 })
  }, 120_000)

  test('reports what was said to somebody who hangs up, without an outcome', async () => {
    const call = await callUp(people.hangsUp)
    expect(call, agent.log()).toMatchObject({ disposition: 'completed', outcome: null })
    expect(call.transcript, agent.log()).not.toEqual([])
  }, 120_000)

  test('does not come where a model has no key, and says which variable that is', async () => {
    const words = { name: 'Eve', agentName, greeting, tts: { provider: 'elevenlabs' } }
    const { id } = await installation.api.post('/assistants', words, created)
    const call = await callUp(people.answers, { assistantId: id })
    expect(call, agent.log()).toMatchObject({ disposition: 'agent_error' })
    expect(agent.log()).toContain('ELEVEN_API_KEY is not set')
  }, 120_000)

  test('answers a caller', async () => {
    await installation.api.post('/phone-numbers', { phoneNumber: ownNumber, assistantId, answeredBy: 'agent' }, created)
    const from = '+13125550198'
    const line = await installation.phone.callIn({
      ...{ sipAddress: installation.livekit.sipAddress, from, to: ownNumber, talkMs: 8_000 },
    })
    try {
      expect(await line.over()).toMatchObject({ answered: expect.anything() as unknown })
      const look = async () => {
        const [row] = await installation.api.list('/calls?direction=inbound', created)
        return installation.api.get(`/outbound-calls/${row?.id}`, callRow)
      }
      const call = await finished(look)
      expect(call, agent.log()).toMatchObject({ disposition: 'completed' })
      expect(saidBy('agent', call)[0]).toBe(`${disclosure} ${greeting}`)
    } finally {
      await line.stop()
    }
  }, 120_000)
}
