import { MissingProgramsError, type ProgramName } from './programs.ts'

/** Tests that leave something out say so on the terminal too, with how to get what is missing. */
export function sayLeftOut(what: string, missing: readonly ProgramName[]): void {
  process.stderr.write(`LEFT OUT: ${what}. ${new MissingProgramsError(missing).message}\n`)
}
