type Shown = {
  name: string
  address: string
  isSecure: boolean
  numbers: string[]
  username: string
  isPasswordKnown: boolean
  /** A password that was made for this run, and is shown once; null where there is none to show. */
  madePassword: string | null
  isInbound: boolean
}

/** What LiveKit needs to call through the trunk, and the commands that tell it. */
export function describeTwilioTrunk(shown: Shown): string {
  const { name, address, isSecure, numbers, username, isPasswordKnown, madePassword, isInbound } = shown
  const rows = [
    ['address', address],
    ['numbers', numbers.join(', ')],
    ['transport', isSecure ? 'tls, with media encryption' : 'tcp'],
    ['username', username],
    ['password', madePassword ?? 'the one you know'],
  ]
  const numberOptions = numbers.map((number) => `--number ${number}`).join(' ')
  const transport = isSecure ? '--transport tls --encryption require' : '--transport tcp'
  const quoted = `'${name.replaceAll("'", `'\\''`)}'`
  return [
    '',
    'LiveKit needs:',
    ...rows.map(([label = '', value]) => `  ${label.padEnd(11)}${value}`),
    '',
    ...(isPasswordKnown ? [] : forgotten),
    'Tell it with LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET in the environment:',
    '',
    `  export SIP_AUTH_PASSWORD=${madePassword === null ? '…' : `'${madePassword}'`}`,
    `  outdial livekit trunk create --provider twilio --name ${quoted} \\`,
    `    --address ${address} ${numberOptions} ${transport} --username ${username}`,
    ...(isInbound ? ['', ...inbound] : []),
    '',
  ].join('\n')
}

const inbound = [
  'Calls to the numbers now go to LiveKit. Say who answers with POST /api/v1/phone-numbers of Outdial, which makes',
  "LiveKit's side of it, too.",
]

const forgotten = [
  'The user was there and keeps its password, which Twilio tells nobody. If you do not know it,',
  'run this again with --new-password, and give the new one to LiveKit.',
  '',
]
