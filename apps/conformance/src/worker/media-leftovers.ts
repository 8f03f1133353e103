/** What @livekit/rtc-node 0.13 leaves behind in processes that live longer than one room, and what helps against it. */
import type { EventEmitter } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Room } from '@livekit/rtc-node'

/**
 * Ends a room for good. One that the server ended is no room any more to the library, which then does not take it down:
 * its connection, its threads and its ear for the events of all other rooms stay.
 */
export async function takeDown(room: Room): Promise<void> {
  const handle: unknown = Reflect.get(room, 'ffiHandle')
  if (!room.isConnected && handle instanceof Object && 'handle' in handle) {
    askForEnd(handle.handle)
    await delay(takeDownMs)
  }
  await Promise.race([room.disconnect().catch(() => undefined), delay(leavePatienceMs, undefined, { ref: false })])
  deafen(room)
}

/** The same request as that of a room that is still connected. */
function askForEnd(roomHandle: unknown): void {
  try {
    client()?.request({ message: { case: 'disconnect', value: { roomHandle } } })
  } catch {
    // It was taken down after all.
  }
}

/** A room that never got in keeps the events of all others. */
export function deafen(room: Room): void {
  const listener: unknown = Reflect.get(room, 'onFfiEvent')
  if (typeof listener === 'function') client()?.off('ffi_event', listener as () => void)
}

type MediaClient = EventEmitter & { request(request: object): unknown }

const client = () => (globalThis as { _ffiClientInstance?: MediaClient })._ffiClientInstance

const takeDownMs = 200
const leavePatienceMs = 2_000

/**
 * Frees what rooms, participants, publications and tracks hold outside of JavaScript: threads, and some 20 MB per room.
 * The garbage collector knows nothing of that and takes its time.
 */
export function letGo(things: Iterable<object | undefined>): void {
  for (const thing of things) {
    if (!thing) continue
    const { ffi_handle: one, ffiHandle: other } = thing as { ffi_handle?: Handle; ffiHandle?: Handle }
    dispose(one ?? other)
  }
}

type Handle = { dispose(): void }

function dispose(handle: Handle | undefined): void {
  try {
    handle?.dispose()
  } catch {
    // LiveKit had freed it with the room.
  }
}

let isForgiving = false

/** What LiveKit has freed with its room is freed once more by the garbage collector, which fails: no reason to end. */
export function forgiveDroppedHandles(): void {
  if (isForgiving) return
  isForgiving = true
  process.on('uncaughtException', (error) => {
    if (error.message === 'trying to drop an invalid handle') return
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  })
}
