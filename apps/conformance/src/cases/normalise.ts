import type { Json } from './case.ts'

/**
 * Brings what a server said into a form that does not change from run to run: ids, times and the names that the case
 * made up become words in angle brackets, and what says nothing about a call is left out.
 */
export function normalise(value: unknown, names: ReadonlyMap<string, string> = new Map()): Json {
  return clean(value, { key: '', names })
}

type Place = { key: string; names: ReadonlyMap<string, string> }

function clean(value: unknown, { key, names }: Place): Json {
  if (Array.isArray(value)) return value.map((each) => clean(each, { key, names }))
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([name, each]) => !beside.has(camel(name)) && !isUnset(each))
    const cleaned = entries.map(([name, each]) => [name, clean(each, { key: camel(name), names })] as const)
    return Object.fromEntries(cleaned.filter(([, each]) => !isUnset(each)))
  }
  if (isTime(key, value)) return '<time>'
  if (typeof value === 'string') return cleanText(value, { key, names })
  if (typeof value === 'number' || typeof value === 'boolean') return value
  return null
}

function cleanText(text: string, { key, names }: Place): string {
  if (text !== '' && ids.has(key)) return '<id>'
  let cleaned = text
  for (const [name, word] of names) cleaned = cleaned.replaceAll(name, word)
  return cleaned
    .replaceAll(/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, '<token>')
    .replaceAll(/ on [\d.]+:53\b/g, ' on <dns>')
    .replaceAll(/\b(RM|PA|EV|SCL|ST|SDR|AD|AJ|TR|AW|EG|ND|REQ|RQ)_[A-Za-z0-9]+/g, '<$1>')
}

function isTime(key: string, value: unknown): boolean {
  return times.has(key) && !isUnset(value)
}

/** On the wire a field without a value, one with its first value, and none at all are the same. */
function isUnset(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0
  return [undefined, null, '', 0, '0', false, ...firstNames].includes(value as string)
}

const firstNames = [
  'SIP_TRANSPORT_AUTO',
  'SIP_NO_HEADERS',
  'SIP_MEDIA_ENCRYPT_DISABLE',
  'JRP_ON_FAILURE',
  'JT_ROOM',
  'JS_PENDING',
]

function camel(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

const times = new Set(
  [
    'createdAt',
    'creationTime',
    'creationTimeMs',
    'joinedAt',
    'joinedAtMs',
    'startedAt',
    'updatedAt',
    'deletedAt',
  ].concat(['endedAt']),
)

const ids = new Set(['sip.callIDFull', 'sip.callTag', 'sip.twilio.callSid', 'workerId'])

/** Media, connections and counters of the server's own: no part of a call that Outdial looks at. */
const beside = new Set(
  [
    'enabledCodecs',
    'turnPassword',
    'version',
    'region',
    'clientProtocol',
    'capabilities',
    'dataTracks',
    'nodeId',
  ].concat(
    ['mid', 'codecs', 'mimeType', 'stream', 'audioFeatures', 'disableRed', 'disableDtx', 'layers', 'backupCodecPolicy'],
    ['width', 'height', 'simulcast', 'stereo', 'encryption', 'packetTrailerFeatures', 'numPublishers', 'muted'],
    ['permission', 'kindDetails', 'isPublisher', 'errorDetails', 'activeRecording', 'numDropped', 'numParticipants'],
  ),
)
