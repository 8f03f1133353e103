import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import {
  AvailabilityResponse,
  type Job,
  JobType,
  RegisterWorkerRequest,
  ServerMessage,
  WorkerMessage,
} from '@livekit/protocol'
import { SignJWT } from 'jose'
import type { AgentJob, AgentScript, JobStory } from './script.ts'

type Offer = { script: AgentScript; story: JobStory }

export type WorkerEvents = {
  /** What to do with a job that LiveKit offers. */
  offered(job: AgentJob): Offer
  /** The job is ours: the token lets its agent into the room. */
  assigned(offer: Offer & { token: string; url: string | undefined }): void
  terminated(jobId: string): void
}

export type WorkerConnection = { workerId: string; close(): void }

/** How long LiveKit may take to let a worker register. */
const registerDeadlineMs = 10_000

/**
 * The worker's side of LiveKit's agent protocol: one WebSocket over which it registers, is offered jobs and is given
 * the tokens for those it takes. What may be sent is in livekit_agent.proto of livekit/protocol.
 * @throws an error that says what to do when the server does not let it register
 */
export async function connectWorker(
  worker: { url: string; apiKey: string; apiSecret: string; agentName: string },
  events: WorkerEvents,
): Promise<WorkerConnection> {
  const socket = new WebSocket(addressOf(worker.url), {
    headers: { authorization: `Bearer ${await tokenOf(worker)}` },
  })
  socket.binaryType = 'arraybuffer'
  const send = (message: WorkerMessage['message']) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(new WorkerMessage({ message }).toBinary())
  }
  const registered = Promise.withResolvers<string>()
  const offers = new Map<string, Offer>()
  socket.addEventListener('message', ({ data }) => {
    const { message } = ServerMessage.fromBinary(new Uint8Array(data as ArrayBuffer))
    if (message.case === 'register') registered.resolve(message.value.workerId)
    if (message.case === 'termination') events.terminated(message.value.jobId)
    if (message.case === 'availability' && message.value.job) {
      const job = toJob(message.value.job)
      const offer = events.offered(job)
      offers.set(job.id, offer)
      void answerOffer(offer, send)
    }
    if (message.case === 'assignment') {
      const { job, token, url } = message.value
      const offer = offers.get(job?.id ?? '')
      if (offer) events.assigned({ ...offer, token, url })
    }
  })
  const refused = (what: string) => {
    const advice = 'Is livekit-server running there, and are key and secret the ones of its configuration?'
    registered.reject(new Error(`LiveKit at ${worker.url} ${what}. ${advice}`))
  }
  socket.addEventListener('close', () => refused('closed the connection of the agent worker'))
  socket.addEventListener('error', () => refused('does not let an agent worker connect'))
  const timer = setTimeout(() => refused('does not let the agent worker register'), registerDeadlineMs)
  try {
    await Promise.race([once(socket, 'open'), registered.promise])
    send({ case: 'register', value: registrationOf(worker.agentName) })
    return { workerId: await registered.promise, close: () => socket.close() }
  } catch (error) {
    socket.close()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

async function answerOffer({ script, story }: Offer, send: (message: WorkerMessage['message']) => void): Promise<void> {
  const { offer = 'accept', offerDelayMs = 0 } = script
  if (offer === 'ignore') return
  if (offerDelayMs > 0) await delay(offerDelayMs)
  const { id: jobId, agentName } = story.job
  story.answeredOffer = offer === 'accept' ? 'accepted' : 'refused'
  const value = new AvailabilityResponse({
    ...{ jobId, available: offer === 'accept' },
    ...{ participantIdentity: `agent-${jobId}`, participantName: agentName },
  })
  send({ case: 'availability', value })
}

function registrationOf(agentName: string): RegisterWorkerRequest {
  return new RegisterWorkerRequest({ type: JobType.JT_ROOM, agentName, version: '1.0.0' })
}

function toJob({ id, dispatchId, room, agentName, metadata }: Job): AgentJob {
  return { id, dispatchId, roomName: room?.name ?? '', agentName, metadata }
}

function addressOf(url: string): string {
  const address = new URL('/agent?protocol=1', url)
  address.protocol = address.protocol.replace('http', 'ws')
  return address.href
}

function tokenOf({ apiKey, apiSecret }: { apiKey: string; apiSecret: string }): Promise<string> {
  return new SignJWT({ video: { agent: true } })
    .setProtectedHeader({ alg: 'HS256' })
    .setIssuer(apiKey)
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(apiSecret))
}
