/** The state names of the contract. The database's enums, the API and the console all take them from here. */

export const campaignStatuses = ['idle', 'running', 'paused', 'completed', 'error'] as const
export type CampaignStatus = (typeof campaignStatuses)[number]

export const callStatuses = ['pending', 'calling', 'answered', 'completed', 'failed'] as const
export type CallStatus = (typeof callStatuses)[number]

export const dispositions = [
  'completed',
  'busy',
  'no_answer',
  'rejected',
  'invalid_number',
  'trunk_error',
  'agent_error',
  'canceled',
  'unknown',
] as const
export type Disposition = (typeof dispositions)[number]

export const outcomes = [
  'interested',
  'not_interested',
  'callback',
  'do_not_call',
  'voicemail',
  'wrong_number',
] as const
export type Outcome = (typeof outcomes)[number]

export const providers = ['twilio', 'exotel', 'other'] as const
export type Provider = (typeof providers)[number]

export const weekdays = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const
export type Weekday = (typeof weekdays)[number]

/** Why a contact of a campaign needs no further call. */
export const finishReasons = [
  'completed',
  'exhausted',
  'not_retried',
  'suppressed',
  'canceled',
  'campaign_ended',
  'predial',
  'unknown_time_zone',
] as const
export type FinishReason = (typeof finishReasons)[number]
