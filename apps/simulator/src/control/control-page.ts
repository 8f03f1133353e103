import { behaviours } from '../network/behaviours.ts'
import { magicNumbers } from '../network/magic-numbers.ts'

const endpoints = [
  ['GET /_network/ledger', 'every call the network saw; ?format=ndjson for one per line'],
  ['GET /_network/ledger/summary', 'counts, peaks, webhooks delivered'],
  ['POST /_network/reset', 'end all calls, forget ledger, numbers, limits, agents and faults'],
  ['GET, POST, DELETE /_network/faults', '{"on":"CreateSIPParticipant","action":"timeout","when":"after","count":1}'],
  ['GET, POST /_network/numbers', '{"number":"+12125550123","behaviours":["busy","answers_interested"]}'],
  ['POST /_network/inbound', '{"from":"+12125550123","to":"+12125550100","patienceMs":30000,"talkMs":30000}'],
  ['POST, DELETE /_network/people', '{"token":"…"} joins a room like a browser; {"roomName","identity"} leaves it'],
  ['GET, POST /_network/trunks', '{"trunkId":"ST_…","callsPerSecond":1,"concurrency":10}'],
  ['GET, POST /_network/agents', '{"name":"outbound","available":false}'],
  ['GET, PUT /_network/webhooks', '{"urls":["http://127.0.0.1:8080/api/livekit/webhook"]}'],
] as const

/** A page for people: what can be asked of the network and which numbers do what. */
export function controlPage(): string {
  const numbers = [...magicNumbers].map(([number, name]) => [number, name, behaviours[name].description])
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Outdial simulator</title>
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem}td{padding:.2rem .8rem .2rem 0;vertical-align:top}</style>
<h1>Outdial simulator</h1>
<p>A LiveKit project at <code>/twirp</code>, and the telephone network behind it.</p>
<h2>Control</h2>
${table(endpoints)}
<h2>Magic numbers</h2>
<p>All other numbers follow the seeded distribution.</p>
${table(numbers)}
</html>
`
}

function table(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => `<tr>${row.map((cell) => `<td><code>${toHtml(cell)}</code></td>`).join('')}</tr>`)
  return `<table>\n${lines.join('\n')}\n</table>`
}

function toHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
