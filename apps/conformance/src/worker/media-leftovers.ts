/** Two faults of @livekit/rtc-node 0.13 in processes that live longer than one room, and what helps against them. */
import type { EventEmitter } from 'node:events'
import type { Room } from '@livekit/rtc-node'

/**
 * A room that the server ended goes on listening to the events of all other rooms, and one that never got in keeps them
 * all. Takes the room's ear away; it is over then.
 */
export function deafen(room: Room): void {
  const { _ffiClientInstance: client } = globalThis as { _ffiClientInstance?: EventEmitter }
  const listener: unknown = Reflect.get(room, 'onFfiEvent')
  if (typeof listener === 'function') client?.off('ffi_event', listener as () => void)
}

let isForgiving = false

/** What belonged to such a room is thrown away twice, the second time by the garbage collector: no reason to end. */
export function forgiveDroppedHandles(): void {
  if (isForgiving) return
  isForgiving = true
  process.on('uncaughtException', (error) => {
    if (error.message === 'trying to drop an invalid handle') return
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  })
}
