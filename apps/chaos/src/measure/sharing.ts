import { setTimeout as delay } from 'node:timers/promises'
import type { World } from '../world/world.ts'
import { type Measurement, within } from './measurement.ts'
import { fictionalNumbers } from './phone-numbers.ts'
import { round } from './series.ts'
import { moveCampaign, setUpCampaign, setUpTrunk, teach } from './set-up.ts'
import { waitForCompletion } from './wait.ts'

const limits = { callsPerSecond: 20, maxConcurrency: 5_000, rampUpSeconds: 5 }

/** Nobody takes the call: only the trunk's starts are shared here. */
const busy = () => ({ behaviour: 'busy' })

const [big, small] = [10_000, 100]

export const fairness: Measurement = {
  name: 'fairness',
  description: `${big} contacts and ${small} on one trunk: how long the small campaign takes, against half the trunk.`,
  async run(world, note) {
    const [many, few] = [fictionalNumbers(big), fictionalNumbers(small, big)]
    await teach(world, [...many, ...few], busy)
    const trunk = await setUpTrunk(world, limits)
    const bigId = await setUpCampaign(world, { name: 'Big', trunk, numbers: many })
    const smallId = await setUpCampaign(world, { name: 'Small', trunk, numbers: few })
    note('the big one first, for 20 s')
    await moveCampaign(world, bigId, 'start')
    await delay(20_000)
    const startedMs = Date.now()
    await moveCampaign(world, smallId, 'start')
    await waitForCompletion(world, { campaignId: smallId, seconds: 120 })

    const invites = await invitesTo(world, few)
    const fairSeconds = small / (limits.callsPerSecond / 2)
    const tookSeconds = ((invites.at(-1) ?? Number.NaN) - startedMs) / 1_000
    const name = `from its start to its last INVITE, against ${fairSeconds} s of half the trunk`
    return {
      isFinished: false,
      figures: [
        within(name, { value: round(tookSeconds / fairSeconds, 2), from: 0.8, to: 1.2, unit: 'times' }),
        {
          name: 'from its start to its first INVITE',
          value: round((invites[0] ?? Number.NaN) - startedMs),
          unit: 'ms',
        },
      ],
    }
  },
}

const contactsEach = 1_200
const sharedSeconds = 40

export const weights: Measurement = {
  name: 'weights',
  description: 'Two campaigns of weights 3 and 1 on one trunk: their shares of it.',
  async run(world, note) {
    const [heavy, light] = [fictionalNumbers(contactsEach), fictionalNumbers(contactsEach, contactsEach)]
    await teach(world, [...heavy, ...light], busy)
    const trunk = await setUpTrunk(world, limits)
    const heavyId = await setUpCampaign(world, { name: 'Heavy', trunk, numbers: heavy, settings: { weight: 3 } })
    const lightId = await setUpCampaign(world, { name: 'Light', trunk, numbers: light, settings: { weight: 1 } })
    await Promise.all([heavyId, lightId].map((id) => moveCampaign(world, id, 'start')))
    note(`${sharedSeconds} s`)
    await delay((limits.rampUpSeconds + sharedSeconds + 5) * 1_000)

    const [ofHeavy, ofLight] = [await invitesTo(world, heavy), await invitesTo(world, light)]
    // Both are at work a few seconds after the later one of them began.
    const fromMs = Math.max(ofHeavy[0] ?? Number.NaN, ofLight[0] ?? Number.NaN) + 3_000
    const during = (invites: number[]) => invites.filter((at) => at >= fromMs && at < fromMs + sharedSeconds * 1_000)
    const [heavyCount, lightCount] = [during(ofHeavy).length, during(ofLight).length]
    const share = (count: number) => round((100 * count) / (heavyCount + lightCount))
    return {
      isFinished: false,
      figures: [
        within('share of weight 3', { value: share(heavyCount), from: 67.5, to: 82.5, unit: '%' }),
        within('share of weight 1', { value: share(lightCount), from: 22.5, to: 27.5, unit: '%' }),
      ],
    }
  },
}

/** In real ms since the epoch, in order. */
async function invitesTo(world: World, numbers: string[]): Promise<number[]> {
  const wanted = new Set(numbers)
  const calls = (await world.simulator.ledger()).filter((call) => wanted.has(call.to))
  return calls.map((call) => call.invited.realMs).toSorted((a, b) => a - b)
}
