/** What somebody asked for makes no sense. The message says what would; the exit code is 2. */
export class UsageError extends Error {
  override name = 'UsageError'
}
