import { between, seededRandom } from '../random.ts'

type WorkerRule = { available: boolean; joinDelayMs?: number }

export type Workers = ReturnType<typeof createWorkers>

// simulated ms between the dispatch and the agent's joining
const joinDelayMs = { min: 200, max: 900 }

/** Which agent names have a worker, and how fast it joins. Without a rule, only `''` and `missing-…` have none. */
export function createWorkers(seed: number) {
  const rules = new Map<string, WorkerRule>()

  return {
    isAvailable(agentName: string): boolean {
      return rules.get(agentName)?.available ?? (agentName !== '' && !agentName.startsWith('missing-'))
    },
    joinDelay(agentName: string, roomName: string): number {
      const random = seededRandom(seed, 'agent', roomName)
      return rules.get(agentName)?.joinDelayMs ?? between(random, joinDelayMs.min, joinDelayMs.max)
    },
    set(agentName: string, rule: WorkerRule) {
      rules.set(agentName, rule)
    },
    all: (): Record<string, WorkerRule> => Object.fromEntries(rules),
    clear: () => rules.clear(),
  }
}
