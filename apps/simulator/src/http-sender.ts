import http from 'node:http'
import https from 'node:https'

type Request = { url: string; headers: Record<string, string>; body: string; timeoutMs?: number }

/** Sends POST requests over kept connections; closing ends what is under way and leaves no socket. */
export class HttpSender {
  readonly #http = new http.Agent({ keepAlive: true, maxSockets: 256 })
  readonly #https = new https.Agent({ keepAlive: true, maxSockets: 256 })
  readonly #requests = new Set<http.ClientRequest>()
  #closed = false

  /**
   * Answers the HTTP status.
   * @throws on a transport error, a timeout (only with `timeoutMs`), a bad URL, or after closing.
   */
  async post({ url, headers, body, timeoutMs }: Request): Promise<number> {
    if (this.#closed) throw new Error('the simulator is closing')
    const target = new URL(url)
    const isHttps = target.protocol === 'https:'
    if (!isHttps && target.protocol !== 'http:') throw new Error(`cannot post to ${target.protocol} addresses`)
    return new Promise((resolve, reject) => {
      const request = (isHttps ? https : http).request(target, {
        method: 'POST',
        agent: isHttps ? this.#https : this.#http,
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      })
      this.#requests.add(request)
      if (timeoutMs) request.setTimeout(timeoutMs, () => request.destroy(new Error(`no answer in ${timeoutMs} ms`)))
      request.on('response', (response) => {
        response.on('error', reject)
        response.on('end', () => resolve(response.statusCode ?? 0))
        response.resume()
      })
      request.on('error', reject)
      request.on('close', () => {
        this.#requests.delete(request)
        reject(new Error('the connection was closed before the answer'))
      })
      request.end(body)
    })
  }

  close(): void {
    this.#closed = true
    for (const request of this.#requests) request.destroy(new Error('the simulator is closing'))
    this.#http.destroy()
    this.#https.destroy()
  }
}
