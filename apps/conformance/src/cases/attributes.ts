import type { Json } from './case.ts'
import type { Stage } from './stage.ts'

/** What somebody who looks now and then always sees: the first and the last status may be over too soon. */
export function lastingStatuses({ statuses }: Watch): string[] {
  return statuses.map(({ status }) => status).filter((status) => status !== 'dialing' && status !== 'hangup')
}

export type Watch = {
  /** Each `sip.callStatus` in its turn, with the attributes that were new by then; those of the answer come a moment early. */
  statuses: { status: string; newAttributes: Record<string, Json> }[]
  stop(): Promise<void>
}

/**
 * Looks at a participant again and again, as the sweep and an agent in the room would. Attributes that only say who
 * and where are normalised.
 */
export function watchAttributes(stage: Stage, { roomName, identity }: { roomName: string; identity: string }): Watch {
  const statuses: Watch['statuses'] = []
  const known = new Set<string>()
  let isOver = false
  const look = async () => {
    const { body } = await stage.target.api.ask('RoomService/ListParticipants', { room: roomName })
    const { participants = [] } = body as { participants?: { identity: string; attributes?: Record<string, string> }[] }
    const attributes = participants.find((each) => each.identity === identity)?.attributes
    if (!attributes) return
    const status = attributes['sip.callStatus'] ?? ''
    if (statuses.at(-1)?.status !== status) statuses.push({ status, newAttributes: {} })
    const fresh = Object.entries(attributes).filter(([name]) => name !== 'sip.callStatus' && !known.has(name))
    for (const [name, value] of fresh) {
      known.add(name)
      const latest = statuses.at(-1)
      if (latest) Object.assign(latest.newAttributes, stage.normal({ [name]: value }))
    }
  }
  const looking = (async () => {
    while (!isOver) {
      await look()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  })()
  return {
    statuses,
    async stop() {
      isOver = true
      await looking
    },
  }
}
