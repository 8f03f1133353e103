import { setTimeout as delay } from 'node:timers/promises'
import { atLeast, atMost, type Measurement } from './measurement.ts'
import { fictionalNumbers } from './phone-numbers.ts'
import { round } from './series.ts'
import { moveCampaign, setUpCampaign, setUpTrunk, teach } from './set-up.ts'
import { waitForNetwork } from './wait.ts'

const callsPerSecond = 30
const limits = { callsPerSecond, maxConcurrency: 5_000, rampUpSeconds: 5 }
const busy = () => ({ behaviour: 'busy' })

const rounds = 10
const graceMs = 1_000

export const pause: Measurement = {
  name: 'pause',
  description: `At ${callsPerSecond} calls per second a person pauses, ${rounds} times: the last INVITE after the answer.`,
  async run(world, note) {
    const numbers = fictionalNumbers(callsPerSecond * (10 + 6 * rounds))
    await teach(world, numbers, busy)
    const trunk = await setUpTrunk(world, limits)
    const campaignId = await setUpCampaign(world, { name: 'Pause', trunk, numbers })
    await moveCampaign(world, campaignId, 'start')
    const pauses: { answeredMs: number; resumedMs: number }[] = []
    for (let round = 1; round <= rounds; round += 1) {
      const before = (await world.simulator.summary()).invites
      const wanted = before + callsPerSecond * (round === 1 ? 8 : 3)
      const until = ({ invites }: { invites: number }) => invites >= wanted
      await waitForNetwork(world, { until, seconds: 60, what: `pace before pause ${round}` })
      await moveCampaign(world, campaignId, 'pause')
      const answeredMs = Date.now()
      await delay(3 * graceMs)
      pauses.push({ answeredMs, resumedMs: Date.now() })
      await moveCampaign(world, campaignId, 'resume')
      note(`pause ${round}`)
    }
    await moveCampaign(world, campaignId, 'stop')
    const ledger = await world.simulator.ledger()
    const late = pauses.map(({ answeredMs, resumedMs }) => {
      const after = ledger.map((call) => call.invited.realMs).filter((at) => at > answeredMs && at < resumedMs)
      return { count: after.length, lastMs: Math.max(0, ...after.map((at) => at - answeredMs)) }
    })
    const lastMs = Math.max(...late.map((each) => each.lastMs))
    const perPause = late.reduce((sum, each) => sum + each.count, 0) / rounds
    return {
      isFinished: false,
      figures: [
        atMost('last INVITE after the answer', { value: round(lastMs), limit: graceMs, unit: 'ms' }),
        { name: 'INVITEs after the answer, per pause', value: round(perPause), unit: 'INVITEs' },
      ],
    }
  },
}

export const closing: Measurement = {
  name: 'closing',
  description: `A window closes while ${callsPerSecond} calls per second start: how long before that the last one was.`,
  // So that no midnight comes between.
  world: { startMs: Date.parse('2026-03-03T11:00:00Z') },
  async run(world, note) {
    const numbers = fictionalNumbers(callsPerSecond * 200)
    await teach(world, numbers, busy)
    const closesAt = new Date(Math.ceil((world.clock.now().getTime() + 80_000) / 60_000) * 60_000)
    const windows = [{ day: 'tuesday', from: '00:00', to: closesAt.toISOString().slice(11, 16) }]
    const trunk = await setUpTrunk(world, limits)
    const settings = { windows, callingDays: [], startHour: 0, endHour: 0 }
    const campaignId = await setUpCampaign(world, { name: 'Closing', trunk, numbers, settings })
    await moveCampaign(world, campaignId, 'start')
    note(`the window closes at ${closesAt.toISOString()}`)
    await delay(closesAt.getTime() - world.clock.now().getTime() + 5_000)

    const invites = (await world.simulator.ledger()).map((call) => Date.parse(call.invited.at))
    const after = invites.filter((at) => at >= closesAt.getTime()).length
    const last = Math.max(...invites.filter((at) => at < closesAt.getTime()))
    const paced = invites.filter((at) => at > last - 5_000).length / 5
    return {
      isFinished: false,
      figures: [
        atMost('INVITEs after the window closed', { value: after, limit: 0, unit: 'INVITEs' }),
        atLeast('pace of the last 5 s', { value: round(paced), limit: callsPerSecond * 0.9, unit: 'INVITEs/s' }),
        { name: 'from the last INVITE to the closing', value: round((closesAt.getTime() - last) / 1_000), unit: 's' },
      ],
    }
  },
}
