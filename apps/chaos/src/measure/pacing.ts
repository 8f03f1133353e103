import { readEvents } from './event-times.ts'
import { atLeast, atMost, type Measurement } from './measurement.ts'
import { fictionalNumbers } from './phone-numbers.ts'
import { median, percentile, round, worstSecond } from './series.ts'
import { moveCampaign, setUpCampaign, setUpTrunk, teach } from './set-up.ts'
import { waitForCompletion } from './wait.ts'

const callsPerSecond = 50
const rampUpSeconds = 10
const measuredSeconds = 60
const contacts = callsPerSecond * (rampUpSeconds + measuredSeconds + 5)

/** All are busy, so that two processors are enough for it: what a conversation costs comes after the INVITE. */
export const pacing: Measurement = {
  name: 'pacing',
  description: `A trunk of ${callsPerSecond} calls per second with work for more than a minute: INVITEs per second.`,
  async run(world, note) {
    const numbers = fictionalNumbers(contacts)
    await teach(world, numbers, () => ({ behaviour: 'busy' }))
    const trunk = await setUpTrunk(world, { callsPerSecond, maxConcurrency: 5_000, rampUpSeconds })
    const campaignId = await setUpCampaign(world, { name: 'Pacing', trunk, numbers })
    note(`${contacts} calls`)
    await moveCampaign(world, campaignId, 'start')
    await waitForCompletion(world, { campaignId, seconds: 300 })

    const ledger = await world.simulator.ledger()
    const invites = ledger.map((call) => call.invited.realMs).toSorted((a, b) => a - b)
    const fromMs = (invites[0] ?? 0) + (rampUpSeconds + 1) * 1_000
    const toMs = fromMs + measuredSeconds * 1_000
    const measured = invites.filter((invite) => invite >= fromMs && invite < toMs)
    const dialed = await readEvents(world, 'dialed')
    const waits = ledger.flatMap((call) => {
      const markedMs = dialed.get(call.roomName.slice('call-'.length))?.recordedAtMs
      return markedMs === undefined ? [] : [call.invited.realMs - markedMs]
    })
    return {
      isFinished: true,
      figures: [
        atMost('worst second', { value: worstSecond(invites), limit: callsPerSecond + 1, unit: 'INVITEs' }),
        atLeast(`average over ${measuredSeconds} s after the ramp-up`, {
          value: round(measured.length / measuredSeconds, 2),
          limit: callsPerSecond - 1,
          unit: 'INVITEs/s',
        }),
        { name: 'mark to INVITE, median', value: round(median(waits)), unit: 'ms' },
        { name: 'mark to INVITE, p95', value: round(percentile(waits, 0.95)), unit: 'ms' },
        { name: 'mark to INVITE, longest', value: round(percentile(waits, 1)), unit: 'ms' },
      ],
    }
  },
}
