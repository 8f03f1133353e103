import type { Deps } from '../deps.ts'
import { InvalidInput } from '../refusals.ts'

/** A campaign that is to be recorded where nothing can be is refused, so that nobody finds out afterwards. Throws InvalidInput. */
export function checkRecording({ recorder }: Pick<Deps, 'recorder'>, recording: boolean | null): void {
  if (recording !== true || (recorder && recorder.when !== 'never')) return
  const message =
    'nothing is recorded in this installation: leave it out, or ask the operator for LIVEKIT_EGRESS_ENABLED'
  throw new InvalidInput([{ field: 'recording', code: 'not_set_up', message }])
}
