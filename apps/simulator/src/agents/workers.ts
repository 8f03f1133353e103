import { between, seededRandom } from '../random.ts'

export type WorkerRule = { available: boolean; joinDelayMs?: number }
export type AgentOptions = {
  /** Simulated ms between the dispatch and the agent's joining. */
  joinDelayMs?: { min: number; max: number }
  /** Agent names that have no worker, besides those that begin with `missing-`. */
  unavailable?: string[]
  /** Whether unnamed workers exist, who join every room made without agents. */
  unnamed?: boolean
}

export type Workers = ReturnType<typeof createWorkers>

const defaultDelay = { min: 200, max: 900 }

/** Which agent names have a worker, and how fast it joins. */
export function createWorkers(options: AgentOptions, seed: number) {
  const { joinDelayMs = defaultDelay, unavailable = [], unnamed = false } = options
  const rules = new Map<string, WorkerRule>()

  return {
    isAvailable(agentName: string): boolean {
      const rule = rules.get(agentName)
      if (rule) return rule.available
      if (agentName === '') return unnamed
      return !agentName.startsWith('missing-') && !unavailable.includes(agentName)
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
