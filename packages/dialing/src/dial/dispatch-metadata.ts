import { briefAgent, variablesOf } from '../calls/brief-agent.ts'
import { reportAddresses } from '../calls/report-token.ts'
import type { Deps } from '../deps.ts'
import type { PermittedCall } from './permit.ts'

/** What the agent is told about its call, as JSON in the metadata of dispatch and room. */
export function dispatchMetadata(
  dial: Pick<PermittedCall, 'call' | 'campaign' | 'contact' | 'assistant'>,
  agentReports: Deps['agentReports'],
): string {
  const { call, campaign, assistant } = dial
  const { prompt, greeting, aiDisclosure, questions, voicemailMessage } = briefAgent(dial)
  const { url, transcriptUrl, transferUrl, token } = reportAddresses(agentReports, call)
  return JSON.stringify({
    ...call.options?.agentMetadata,
    call_id: call.id,
    campaign_id: call.campaignId,
    assistant_id: assistant?.id ?? null,
    assistant_name: assistant?.name ?? null,
    direction: call.origin === 'inbound' ? 'inbound' : 'outbound',
    phone_number: call.phoneNumber,
    recipient_name: call.contactName,
    row_index: call.metadata.row_index ?? null,
    attempt: call.attempt,
    prompt,
    greeting,
    ai_disclosure: aiDisclosure,
    questions,
    question: questions[0] ?? null,
    voicemail: campaign?.voicemail ?? 'hangup',
    voicemail_message: voicemailMessage,
    stt: assistant?.stt ?? {},
    llm: assistant?.llm ?? {},
    tts: assistant?.tts ?? {},
    variables: variablesOf(dial),
    metadata: call.metadata,
    report: { url, transcript_url: transcriptUrl, ...(transferUrl && { transfer_url: transferUrl }), token },
  })
}
