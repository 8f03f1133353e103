import { parseArgs } from 'node:util'
import { AgentServer, initializeLogger, type JobRequest, log, ServerOptions, WorkerError } from '@livekit/agents'
import { ConfigError, putIntoEnvironment, readConfig } from './config.ts'

const usage = `Usage: npm run agent -- [options]

An agent for Outdial: waits at LiveKit to be sent into calls, talks, and reports what came of them.

  --scripted           needs no account: asks the questions with generated sound, takes any sound for an answer
  --recordings FOLDER  with --scripted: WAV files named like what they say, such as hello-this-is-ada.wav
  --name NAME          the agent name of the assistants it talks for (LIVEKIT_AGENT_NAME, else outdial-agent)
  --help               this

LIVEKIT_URL, LIVEKIT_API_KEY and LIVEKIT_API_SECRET say where. Models and their keys: docs/guides/reference-agent.md.
`

process.exitCode = await main()

async function main(): Promise<number> {
  try {
    const options = readOptions()
    if (options.help) {
      process.stdout.write(usage)
      return 0
    }
    putIntoEnvironment({
      LIVEKIT_AGENT_NAME: options.name,
      AGENT_SCRIPTED: options.scripted ? 'true' : undefined,
      AGENT_RECORDINGS: options.recordings,
    })
    return await serve(readConfig())
  } catch (error) {
    const isOurs = error instanceof ConfigError || error instanceof WorkerError
    if (!isOurs) throw error
    process.stderr.write(`${error.message}\n`)
    return 1
  }
}

function readOptions() {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    const options = { scripted: flag, recordings: text, name: text, help: flag }
    return parseArgs({ args: process.argv.slice(2), options }).values
  } catch (error) {
    throw new ConfigError(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`)
  }
}

/** Takes calls until it is asked to stop, then has those that go on to their end. A second signal ends it at once. */
async function serve(config: ReturnType<typeof readConfig>): Promise<number> {
  initializeLogger({ pretty: process.stderr.isTTY === true, level: config.logLevel })
  const { url, apiKey, apiSecret } = config.livekit
  const server: AgentServer = new AgentServer(
    new ServerOptions({
      agent: new URL('./job.ts', import.meta.url).pathname,
      agentName: config.agentName,
      ...{ wsURL: url, apiKey, apiSecret, ...config.listen, logLevel: config.logLevel, production: true },
      // A conversation waits for other machines most of the time, so the processor says little about how many fit.
      loadFunc: async () => server.activeJobs.length / config.maxCalls,
      // One that is ready saves the next call some seconds.
      ...{ loadThreshold: 1, numIdleProcesses: Math.min(2, config.maxCalls) },
      requestFunc: async (job: JobRequest) =>
        server.activeJobs.length < config.maxCalls ? job.accept() : job.reject(),
    }),
  )
  const stop = stopOnSignal(server)
  server.event.once('worker_registered', () => {
    log().info(
      `The agent "${config.agentName}" is ready${config.isScripted ? ', with a script instead of models' : ''}.`,
    )
  })
  await Promise.race([server.run(), stop])
  return 0
}

function stopOnSignal(server: AgentServer): Promise<void> {
  const stopped = Promise.withResolvers<void>()
  let isAsked = false
  const onSignal = () => {
    if (isAsked) process.exit(130)
    isAsked = true
    void server
      .drain()
      .catch((error: unknown) => log().error(`Calls were cut off: ${String(error)}`))
      .then(() => server.close())
      .then(stopped.resolve, stopped.reject)
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return stopped.promise
}
