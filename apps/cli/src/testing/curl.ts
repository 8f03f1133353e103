/**
 * As much of curl as the guides use, for machines that have none: -s, -N, -X, -H, -d, -F and --data-binary. Ends with
 * 22, as `curl --fail-with-body` does, when the answer is not 2xx.
 */
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'

const { url, init } = await readArguments(process.argv.slice(2))
const response = await fetch(url, init)
process.stdout.write(await response.text())
if (!response.ok) {
  process.stderr.write(`${init.method ?? 'GET'} ${url} was answered with ${response.status}\n`)
  process.exitCode = 22
}

async function readArguments(args: string[]): Promise<{ url: string; init: RequestInit }> {
  const headers = new Headers()
  const form = new FormData()
  let url = ''
  let method: string | undefined
  let body: string | Buffer<ArrayBuffer> | undefined
  for (let at = 0; at < args.length; at += 1) {
    const name = args[at] ?? ''
    if (/^-[sN]+$/.test(name)) continue
    if (!name.startsWith('-')) {
      url = name
      continue
    }
    at += 1
    const value = args[at] ?? ''
    if (name === '-X') method = value
    else if (name === '-H')
      headers.append(value.slice(0, value.indexOf(':')), value.slice(value.indexOf(':') + 1).trim())
    else if (name === '-d') body = value
    else if (name === '--data-binary') body = Buffer.from(await readFile(value.slice(1)))
    else if (name === '-F') await addPart(form, value)
    else throw new Error(`This curl does not know ${name}.`)
  }
  const parts = [...form.keys()].length > 0
  const sent = parts ? form : body
  return {
    url,
    init: {
      headers,
      method: method ?? (sent === undefined ? 'GET' : 'POST'),
      ...(sent !== undefined && { body: sent }),
    },
  }
}

/** `name=value`, or `name=@path` for a file. */
async function addPart(form: FormData, part: string): Promise<void> {
  const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(part) ?? []
  if (!value.startsWith('@')) return form.append(name, value)
  const path = value.slice(1)
  form.append(name, new Blob([await readFile(path)], { type: 'text/csv' }), basename(path))
}
