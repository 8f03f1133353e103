/**
 * Preloaded into a process that must not wait for others on a crowded machine: before its first thread is made, so that
 * all of them inherit it. Linux weighs sessions before it weighs their processes, so both are told. Only root may;
 * for anybody else nothing changes.
 */
import { writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'

try {
  setPriority(constants.priority.PRIORITY_HIGH)
  writeFileSync('/proc/self/autogroup', String(constants.priority.PRIORITY_HIGH))
} catch {
  // Then what is measured has the machine's delays in it.
}
