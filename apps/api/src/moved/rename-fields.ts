import { InvalidInput } from '@outdial/dialing/refusals'

/** Runs a verb and calls the fields of what it refuses as the older shape calls them. */
export async function renameFields<T>(names: Record<string, string>, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error
    throw new InvalidInput(error.fields.map((wrong) => ({ ...wrong, field: names[wrong.field] ?? wrong.field })))
  }
}
