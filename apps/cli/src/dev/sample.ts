import { type Assistant, createAssistant, listAssistants } from '@outdial/dialing/assistants/assistants'
import type { Deps } from '@outdial/dialing/deps'
import { createTrunk, listTrunks, type Trunk } from '@outdial/dialing/trunks/trunks'

/** Exists in the simulator from its start, so that the trunk below outlasts a restart. */
export const sampleTrunk = {
  sipTrunkId: 'ST_simulator',
  name: 'Simulator',
  address: 'sip.simulator.test',
  numbers: ['+12125550100', '+13105550100'],
}

export type Sample = { trunk: Trunk; assistant: Assistant }

/** A trunk into the simulated network and an assistant, so that the first call needs nothing else. Made if missing. */
export async function ensureSample(deps: Pick<Deps, 'db' | 'livekit'>, workspace: { id: string }): Promise<Sample> {
  const who = { workspaceId: workspace.id, actor: 'setup', now: new Date() }
  const trunks = (await listTrunks(deps, who, { limit: 200 })).data
  const known = trunks.find((trunk) => trunk.livekitTrunkId === sampleTrunk.sipTrunkId)
  const trunk =
    known ??
    (await createTrunk(deps, who, {
      name: 'Simulated telephone network',
      provider: 'other',
      livekitTrunkId: sampleTrunk.sipTrunkId,
      numbers: sampleTrunk.numbers,
      callsPerSecond: 5,
      maxConcurrency: 100,
      rampUpSeconds: 0,
      isDefault: !trunks.some((other) => other.isDefault),
    }))
  const [oldest] = (await listAssistants(deps, who, { limit: 200 })).data.slice(-1)
  return { trunk, assistant: oldest ?? (await createAssistant(deps, who, sampleAssistant)) }
}

const sampleAssistant = {
  name: 'Sample assistant',
  agentName: 'outdial-agent',
  prompt: 'You call {name} to find out whether they would like to see our new product.',
  greeting: 'Hello, this is Ada from Example Products. Do you have a minute?',
  aiDisclosure: '',
  questions: ['Are you the right person to talk to?', 'How large is your team?'],
  stt: {},
  llm: {},
  tts: {},
  assistantEndCallUrl: null,
  trunkId: null,
}
