import { atLeast, atMost, type Measurement } from './measurement.ts'
import { fictionalNumbers } from './phone-numbers.ts'
import { peakOverlap } from './series.ts'
import { moveCampaign, setUpCampaign, setUpTrunk, teach } from './set-up.ts'
import { waitForCompletion } from './wait.ts'

const maxConcurrency = 200
const contacts = 3 * maxConcurrency

export const concurrency: Measurement = {
  name: 'concurrency',
  description: `A trunk of ${maxConcurrency} calls at once, and talks of half a minute: the most that were open.`,
  async run(world, note) {
    const numbers = fictionalNumbers(contacts)
    await teach(world, numbers, (index) => ({
      behaviour: 'answers_not_interested',
      ...{ ringMs: 1_000, talkMs: 15_000 + (index % 31) * 500 },
    }))
    const trunk = await setUpTrunk(world, { callsPerSecond: 30, maxConcurrency, rampUpSeconds: 5 })
    const campaignId = await setUpCampaign(world, { name: 'Concurrency', trunk, numbers })
    note(`${contacts} calls`)
    await moveCampaign(world, campaignId, 'start')
    await waitForCompletion(world, { campaignId, seconds: 300 })

    const calls = (await world.simulator.ledger()).map(({ invited, ended }) => ({
      from: invited.realMs,
      to: ended?.realMs ?? Number.POSITIVE_INFINITY,
    }))
    const peak = peakOverlap(calls)
    return {
      isFinished: true,
      figures: [
        atMost('most calls at once', { value: peak, limit: maxConcurrency, unit: 'calls' }),
        atLeast('most calls at once', { value: peak, limit: maxConcurrency, unit: 'calls' }),
      ],
    }
  },
}
