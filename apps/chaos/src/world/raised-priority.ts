/**
 * Preloaded into a process that must not wait for others on a crowded machine. Linux gives each thread a priority of its
 * own, also those that V8 has made by now, and weighs sessions before it weighs what runs in them: all are told. Only root
 * may; for anybody else nothing changes.
 */
import { readdirSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

try {
  for (const thread of readdirSync('/proc/self/task')) setPriority(Number(thread), constants.priority.PRIORITY_HIGH)
  writeFileSync('/proc/self/autogroup', String(constants.priority.PRIORITY_HIGH))
} catch {
  // Then what is measured has the machine's delays in it.
}
