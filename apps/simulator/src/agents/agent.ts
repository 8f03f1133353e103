import { randomUUID } from 'node:crypto'
import { DisconnectReason, ParticipantInfo_Kind } from '@livekit/protocol'
import type { SimulatedClock } from '../clock.ts'
import type { LedgerBook, Moment } from '../network/ledger.ts'
import type { Participant, RoomState } from '../rooms/room.ts'
import type { Rooms } from '../rooms/rooms.ts'
import type { Leg } from '../sip/leg.ts'
import { type JobMetadata, readJobMetadata } from './job-metadata.ts'
import type { Report, Reporter } from './reporter.ts'
import { type Script, writeScript } from './script.ts'

export type AgentDeps = { clock: SimulatedClock; rooms: Rooms; ledger: LedgerBook; reporter: Reporter }

type Job = { room: RoomState; jobId: string; metadata: string; attributes: Record<string, string> }
type Talk = { leg: Leg; script: Script; startedMs: number; talkMs: number; callbackAt?: string; timers: (() => void)[] }

// reasons that end an agent session; after USER_UNAVAILABLE it stays until the room closes
const endingReasons = [DisconnectReason.CLIENT_INITIATED, DisconnectReason.ROOM_DELETED, DisconnectReason.USER_REJECTED]
const voicemailDetectionMs = 5_000

/** An agent in a room: waits for the callee, talks, reports, and ends the call or is left. */
export class Agent {
  readonly identity: string
  readonly #deps: AgentDeps
  readonly #room: RoomState
  readonly #metadata: JobMetadata
  readonly #attributes: Record<string, string>
  #participant: Participant | undefined
  #joined: Moment | undefined
  #talk: Talk | undefined
  #hasReported = false

  constructor(deps: AgentDeps, { room, jobId, metadata, attributes }: Job) {
    this.#deps = deps
    this.#room = room
    this.#metadata = readJobMetadata(metadata)
    this.#attributes = attributes
    this.identity = `agent-${jobId}`
  }

  join(): void {
    this.#participant = this.#deps.rooms.join(this.#room, {
      identity: this.identity,
      kind: ParticipantInfo_Kind.AGENT,
      attributes: { ...this.#attributes, 'lk.agent.state': 'listening' },
      onRemoved: () => void this.#wrapUp(),
      onPeerChanged: (peer) => this.#meet(peer),
      onPeerLeft: (peer, reason) => void this.#afterLeaving(peer, reason),
    })
    this.#joined = this.#deps.ledger.moment()
    for (const peer of this.#room.participants.values()) this.#meet(peer)
  }

  #meet(peer: Participant) {
    const { leg } = peer
    if (!leg) return
    this.#noteIn(leg)
    const isTalking = peer.attributes['sip.callStatus'] === 'active'
    if (isTalking && leg.conversation && !this.#talk && !leg.conversation.agentIsSilent) this.#begin(leg)
  }

  #noteIn(leg: Leg) {
    if (leg.call.agentJoined) return
    leg.call.agentJoined = this.#joined
    leg.call.agentIdentity = this.identity
  }

  #begin(leg: Leg) {
    const { conversation } = leg
    if (!conversation) return
    const { clock } = this.#deps
    const hangsUpOnMailbox = conversation.outcome === 'voicemail' && this.#metadata.voicemail === 'hangup'
    const talkMs = hangsUpOnMailbox ? voicemailDetectionMs : conversation.talkMs
    const script = writeScript(conversation, this.#metadata)
    const talk: Talk = { leg, script, startedMs: clock.now(), talkMs, timers: [] }
    this.#talk = talk
    leg.hearAgent()
    if (this.#metadata.metadata.live_transcript) this.#tellLive(talk)
    if (conversation.outcome) talk.timers.push(clock.after(talkMs * 0.7, () => this.#understand(talk)))
    if (conversation.endedBy === 'agent') talk.timers.push(clock.after(talkMs, () => void this.#endCall()))
  }

  /** Says each line while it is said, to a dialer that listens. */
  #tellLive({ script, talkMs, timers }: Talk) {
    const { clock, reporter } = this.#deps
    const { transcript_url: url, token } = this.#metadata.report ?? {}
    if (!url || !token) return
    for (const [n, { speaker, text, part }] of script.lines.entries()) {
      const tell = () => {
        const at = this.#now()
        reporter.tell({ url, token }, { id: `line-${n}`, at, lines: [{ id: `L${n}`, speaker, text, at }] })
      }
      timers.push(clock.after(part * talkMs, tell))
    }
  }

  /** The callee has said what it wants. A wish not to be called is reported while the call goes on. */
  #understand(talk: Talk) {
    const { call, conversation } = talk.leg
    const { outcome, callbackAfterMs } = conversation ?? {}
    call.outcome = outcome
    if (callbackAfterMs) talk.callbackAt = new Date(this.#deps.clock.now() + callbackAfterMs).toISOString()
    const target = this.#metadata.report
    if (outcome !== 'do_not_call' || !target) return
    void this.#deps.reporter.send(target, { id: randomUUID(), at: this.#now(), outcome })
  }

  async #endCall() {
    await this.#wrapUp()
    this.#deps.rooms.finish(this.#room, { reason: DisconnectReason.ROOM_DELETED, by: 'agent' })
  }

  async #afterLeaving(peer: Participant, reason: DisconnectReason) {
    if (!peer.leg) return
    this.#noteIn(peer.leg)
    const isMine = this.#talk?.leg === peer.leg
    if (this.#talk && !isMine) return
    if (isMine) await this.#wrapUp()
    if (isMine || endingReasons.includes(reason)) this.#leave()
  }

  #leave() {
    if (this.#participant) this.#deps.rooms.leave(this.#participant, DisconnectReason.CLIENT_INITIATED)
  }

  /** Stops talking and reports once. */
  async #wrapUp(): Promise<void> {
    const talk = this.#talk
    if (!talk || this.#hasReported) return
    this.#hasReported = true
    for (const cancel of talk.timers) cancel()
    const target = this.#metadata.report
    if (target) await this.#deps.reporter.send(target, this.#describe(talk))
  }

  #describe(talk: Talk): Report {
    const { script, startedMs, talkMs, leg, callbackAt } = talk
    const { outcome } = leg.call
    const spokenMs = this.#deps.clock.now() - startedMs
    const transcript = script.lines
      .map(({ speaker, text, part }) => ({ speaker, text, afterMs: part * talkMs }))
      .filter(({ afterMs }) => afterMs <= spokenMs)
      .map(({ speaker, text, afterMs }) => ({ speaker, text, at: new Date(startedMs + afterMs).toISOString() }))
    return {
      id: randomUUID(),
      at: this.#now(),
      transcript,
      ...(outcome && { outcome, summary: script.summary }),
      ...(callbackAt && { callbackAt }),
      ...(outcome && Object.keys(script.answers).length > 0 && { answers: script.answers }),
    }
  }

  #now(): string {
    return new Date(this.#deps.clock.now()).toISOString()
  }
}
