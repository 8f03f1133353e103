/** An error whose message is all that a user needs: what is wrong and what to do next. */
export class Advice extends Error {}

/** Everything we say ourselves goes to standard error: standard output belongs to the product. */
export function say(line) {
  process.stderr.write(`${line}\n`)
}
