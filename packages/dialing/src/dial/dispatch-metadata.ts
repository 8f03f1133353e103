import { fillPrompt } from '@outdial/policy/prompt'
import { reportToken } from '../calls/report-token.ts'
import type { Deps } from '../deps.ts'
import type { PermittedCall } from './permit.ts'

/** What the agent is told about its call, as JSON in the metadata of dispatch and room. */
export function dispatchMetadata(dial: PermittedCall, agentReports: Deps['agentReports']): string {
  const { call, campaign, contact, assistant } = dial
  const values = promptValues(dial)
  const fill = (template: string) => fillPrompt(template, values, campaign?.placeholderDefaults).text
  const questions = listOf(call.metadata.questions) ?? nonEmpty(campaign?.questions) ?? assistant.questions
  return JSON.stringify({
    call_id: call.id,
    campaign_id: call.campaignId,
    assistant_id: assistant.id,
    assistant_name: assistant.name,
    phone_number: call.phoneNumber,
    recipient_name: call.contactName,
    attempt: call.attempt,
    prompt: fill([assistant.prompt, campaign?.campaignPrompt].filter(Boolean).join('\n\n')),
    greeting: fill(assistant.greeting),
    questions,
    question: questions[0] ?? null,
    voicemail: campaign?.voicemail ?? 'hangup',
    stt: assistant.stt,
    llm: assistant.llm,
    tts: assistant.tts,
    variables: contact?.variables ?? {},
    metadata: call.metadata,
    report: {
      url: `${agentReports.baseUrl}/api/agent/calls/${call.id}/report`,
      token: reportToken(agentReports.secret, call.id),
    },
  })
}

/** A contact's own columns win over the campaign's metadata. */
function promptValues({ call, campaign, contact }: PermittedCall): Record<string, string> {
  const metadata = Object.entries({ ...campaign?.metadata, ...call.metadata }).filter(([, value]) => isPlain(value))
  const known = { name: call.contactName, phone_number: call.phoneNumber, external_id: contact?.externalId }
  return {
    ...Object.fromEntries(metadata.map(([key, value]) => [key, String(value)])),
    ...Object.fromEntries(Object.entries(known).flatMap(([key, value]) => (value ? [[key, value]] : []))),
    ...contact?.variables,
  }
}

function isPlain(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

function listOf(value: unknown): string[] | null {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : null
}

function nonEmpty(list: string[] | undefined): string[] | null {
  return list && list.length > 0 ? list : null
}
