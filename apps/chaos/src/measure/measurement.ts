import type { Violation } from '@outdial/judge/verdict'
import type { World, WorldOptions } from '../world/world.ts'
import type { StatementCost } from './statements.ts'
import type { Usage } from './usage.ts'

export type Figure = {
  name: string
  value: number
  unit: string
  /** What was promised of it; nothing for a figure that is only told. */
  promise?: string
  isKept?: boolean
}

/** What one measurement found in one world. */
export type Findings = {
  figures: Figure[]
  /** Whether the campaigns came to their end, so that the judge may ask for what is left. */
  isFinished: boolean
}

export type Measurement = {
  name: string
  /** In a sentence: what is done, and what is looked at. */
  description: string
  world?: Partial<WorldOptions>
  run(world: World, note: (step: string) => void): Promise<Findings>
}

export type Measured = {
  measurement: string
  backend: WorldOptions['backend']
  figures: Figure[]
  violations: Violation[]
  /** What processes said that ended by themselves, and what roles logged as errors. */
  trouble: string[]
  isKept: boolean
  invites: number
  usage: Usage
  /** Only where they were counted. */
  statements?: StatementCost[]
}

export function atMost(name: string, figure: { value: number; limit: number; unit: string }): Figure {
  const { value, limit, unit } = figure
  return { name, value, unit, promise: `at most ${limit}`, isKept: value <= limit }
}

export function atLeast(name: string, figure: { value: number; limit: number; unit: string }): Figure {
  const { value, limit, unit } = figure
  return { name, value, unit, promise: `at least ${limit}`, isKept: value >= limit }
}

export function within(name: string, figure: { value: number; from: number; to: number; unit: string }): Figure {
  const { value, from, to, unit } = figure
  return { name, value, unit, promise: `${from} to ${to}`, isKept: value >= from && value <= to }
}
