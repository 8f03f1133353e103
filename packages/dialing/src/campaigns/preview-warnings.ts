import type { trunks } from '@outdial/database/schema/assistants'
import type { campaigns } from '@outdial/database/schema/campaigns'
import type { CampaignPreview } from './preview-campaign.ts'

/** Something that a marketer would want to know before launch. `field` is the setting to look at. */
export type PreviewWarning = { code: string; field: string | null; message: string }

type Known = {
  campaign: typeof campaigns.$inferSelect
  preview: Omit<CampaignPreview, 'warnings'>
  trunk: typeof trunks.$inferSelect | null
  importing: number
}

/** All of them, most pressing first. */
export function warnAbout(known: Known): PreviewWarning[] {
  return [
    ...aboutLaunch(known),
    ...aboutContacts(known),
    ...aboutLaw(known),
    ...aboutTime(known),
    ...aboutPrompts(known),
  ]
}

function aboutLaunch({ campaign, trunk }: Known): PreviewWarning[] {
  if (!trunk) {
    const message = 'There is no trunk to call through. Choose one, or make one the default of the workspace.'
    return [{ code: 'no_trunk', field: 'trunkId', message }]
  }
  const foreign = campaign.fromNumbers.filter((number) => !trunk.numbers.includes(number))
  if (trunk.numbers.length === 0 || foreign.length === 0) return []
  const message = `The trunk ${trunk.name} does not have ${foreign.slice(0, 5).join(', ')}: the carrier may refuse calls from there.`
  return [{ code: 'foreign_from_number', field: 'fromNumbers', message }]
}

function aboutContacts({ campaign, preview, importing }: Known): PreviewWarning[] {
  const { contacts } = preview
  const isSkipping = campaign.unknownTimezone === 'skip'
  const unreachable = contacts.unreachable - (isSkipping ? contacts.unknownTimezone : 0)
  const warnings: PreviewWarning[] = []
  if (importing > 0) {
    const message = 'Contacts are still being imported: the numbers here grow.'
    warnings.push({ code: 'still_importing', field: 'csvFileId', message })
  }
  if (contacts.callable === 0) {
    warnings.push({ code: 'nobody_to_call', field: 'contactListId', message: 'There is nobody to call.' })
  }
  if (unreachable > 0) {
    const message = `${unreachable} contacts are never called: the hours do not open where they live.`
    warnings.push({ code: 'unreachable_contacts', field: 'callingDays', message })
  }
  if (contacts.unknownTimezone > 0) {
    const what = isSkipping ? 'they are not called' : "they are called by the campaign's own"
    const message = `The time zone of ${contacts.unknownTimezone} contacts is not known: ${what}.`
    warnings.push({ code: 'unknown_time_zone', field: isSkipping ? 'unknownTimezone' : 'timezone', message })
  }
  return warnings
}

/** Those of one place are told of once, however many zones it has. */
function aboutLaw({ campaign, preview }: Known): PreviewWarning[] {
  const beyond = preview.zones.filter((zone) => zone.beyondLawAt)
  if (beyond.length === 0) return []
  const contacts = beyond.reduce((total, zone) => total + zone.contacts, 0)
  const places = [...new Set(beyond.flatMap((zone) => zone.law))]
  const shown = places.slice(0, placesShown).join('; ') + (places.length > placesShown ? '; and others' : '')
  if (campaign.jurisdictionRules === 'warn') {
    const message =
      `${contacts} contacts would be called at hours that the law of their place does not allow. ${shown}. ` +
      'Set jurisdictionRules to enforce to keep to these hours.'
    return [{ code: 'beyond_lawful_hours', field: 'jurisdictionRules', message }]
  }
  const message = `${contacts} contacts are called for fewer hours than the campaign's, as the law of their place is stricter. ${shown}.`
  return [{ code: 'hours_cut_by_law', field: 'jurisdictionRules', message }]
}

const placesShown = 5

function aboutTime({ campaign, preview }: Known): PreviewWarning[] {
  const warnings: PreviewWarning[] = []
  if (campaign.timezone === 'UTC') {
    const message =
      'The time zone of the campaign is UTC, which is what it is when none is given. The daily cap counts days of UTC, ' +
      'and contacts whose zone is not known are called by it.'
    warnings.push({ code: 'timezone_is_utc', field: 'timezone', message })
  }
  if (preview.contacts.callable > 0 && !preview.estimate.finishesAt) {
    const message = campaign.endAt
      ? 'The campaign ends before everybody was called.'
      : 'It takes longer than a year to call everybody: look at the daily cap, the hours and the pace.'
    warnings.push({ code: 'does_not_finish', field: campaign.endAt ? 'endAt' : 'dailyCap', message })
  }
  return warnings
}

function aboutPrompts({ campaign, preview }: Known): PreviewWarning[] {
  const unfilled = preview.unfilled
    .filter((each) => each.default === null)
    .map(({ placeholder, contacts, examined }) => {
      const who = examined < preview.contacts.total ? `${contacts} of the first ${examined}` : `${contacts}`
      const giver = campaign.predialUrl ? ', unless its pre-dial address gives one' : ''
      const message = `${who} contacts have no "${placeholder}"${giver}: say in placeholderDefaults what to put there.`
      return { code: 'unfilled_placeholder', field: 'placeholderDefaults', message }
    })
  if (campaign.voicemail !== 'leave_message' || campaign.voicemailMessage !== '') return unfilled
  const message = 'The agent is to leave a message where a machine answers, and voicemailMessage does not say which.'
  return [...unfilled, { code: 'no_voicemail_message', field: 'voicemailMessage', message }]
}
