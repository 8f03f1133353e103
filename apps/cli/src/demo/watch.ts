import { setTimeout as delay } from 'node:timers/promises'
import {
  type CampaignStats,
  type CampaignStatus,
  campaignStats,
  campaignStatus,
  campaignTimes,
} from '../api/answers.ts'
import { type ApiClient, ApiError } from '../api/client.ts'

const intervalMs = 500
/** Statistics cost more than the status and change less. */
const looksPerStats = 4

export type Look = { status: CampaignStatus; stats: CampaignStats }

/**
 * Looks at a campaign again and again until it is completed, and shows each look. Returns the last one.
 * @throws ApiError with the reason when the campaign ends in error; what `signal` was aborted with
 */
export async function watchCampaign(
  client: ApiClient,
  watch: { campaignId: string; signal: AbortSignal; onLook: (look: Look) => void },
): Promise<Look> {
  const { campaignId, signal, onLook } = watch
  let stats = await readStats(client, campaignId)
  for (let looks = 1; ; looks += 1) {
    const status = await client.get(`/campaigns/${campaignId}/status`, campaignStatus)
    if (status.executionStatus !== 'running') {
      if (status.executionStatus !== 'completed') throw await explainEnd(client, campaignId)
      const last = { status, stats: await readStats(client, campaignId) }
      onLook(last)
      return last
    }
    if (looks % looksPerStats === 0) stats = await readStats(client, campaignId)
    onLook({ status, stats })
    await pause(signal)
  }
}

function readStats(client: ApiClient, campaignId: string): Promise<CampaignStats> {
  return client.get(`/outbound-calls/campaign/${campaignId}/stats`, campaignStats)
}

async function explainEnd(client: ApiClient, campaignId: string): Promise<ApiError> {
  const { executionStatus, errorReason } = await client.get(`/campaigns/${campaignId}`, campaignTimes)
  return new ApiError(`The campaign went into "${executionStatus}": ${errorReason ?? 'no reason was given.'}`)
}

async function pause(signal: AbortSignal): Promise<void> {
  await delay(intervalMs, undefined, { signal }).catch(() => {})
  signal.throwIfAborted()
}
