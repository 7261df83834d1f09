import { tenantIdPattern } from '@partywall/context'
import { severities } from '@partywall/context/spi'
import * as z from 'zod'
import { type AdoptionSource, adoptionSources } from './adoption.ts'
import type { ChainLink } from './chain.ts'
import type { Flags } from './flags.ts'
import { flagModes } from './mode.ts'
import type { DeclaredModels } from './rollout-options.ts'
import { type LatchMode, latchModes } from './settings.ts'
import { overrideModes, type TenantOverride } from './tenant-override.ts'
import { type Verdict, verdicts } from './verdict.ts'

/** What brought a generation about. */
export const generationChanges = [
  'init',
  'advance',
  'rollback',
  'rearm',
  'remove_model',
  'restore_model',
  'enforcement',
  'override_tenant',
  'configure',
  'adopt',
] as const
export type GenerationChange = (typeof generationChanges)[number]

/** What every record says about itself. Times are epoch milliseconds of the rollout's clock. */
export interface Recorded {
  readonly at: number
  readonly actor: string
  readonly reason: string
}

/** One generation of the settings, complete: nothing before it is needed to know what holds. */
export interface GenerationContent extends Recorded {
  readonly kind: 'generation'
  readonly change: GenerationChange
  readonly plan: string
  readonly stage: number
  readonly stageEnteredAt: number
  readonly flags: Flags
  /** A rollback that holds until a person re-arms. */
  readonly latch?: LatchMode | undefined
  /** Models taken out of enforcement one by one. */
  readonly removedModels: readonly string[]
  readonly tenants: Readonly<Record<string, TenantOverride>>
  readonly models: DeclaredModels
  readonly instances: readonly string[]
  /** Days of each stage, from stage 0, where they are not those of the plan. */
  readonly dwellDays?: readonly number[] | undefined
  /** Failed and finished requests of stage 0: what later failures are compared with. */
  readonly baseline?: { readonly operations: number; readonly failed: number } | undefined
  /** Whose environment or flag file this was taken from. */
  readonly adopted?:
    | {
        readonly source: AdoptionSource
        readonly instance: string
        readonly content: string
      }
    | undefined
  /** What the gates said when a stage was left. */
  readonly evidence?:
    | {
        readonly verdict: Verdict
        readonly release?: string | undefined
        readonly gates: Readonly<Record<string, number | null>>
      }
    | undefined
}
export type GenerationRecord = GenerationContent & ChainLink

/** One flip of the kill switch. */
export interface KillSwitchContent extends Recorded {
  readonly kind: 'kill_switch'
  readonly killSwitch: 'on' | 'off'
}
export type KillSwitchRecord = KillSwitchContent & ChainLink

/** What a person found out about blocked signatures. */
export const rulings = ['open', 'legitimate', 'false_positive'] as const
export type Ruling = (typeof rulings)[number]

export interface TriageContent extends Recorded {
  readonly kind: 'triage'
  /** All that this ruling is about, each once: they are on record together or not at all. */
  readonly signatures: readonly string[]
  readonly ruling: Ruling
}
export type TriageRecord = TriageContent & ChainLink

const count = z.number().int().nonnegative()
const time = z.number()
const text = z.string().min(1)
const modelList = z.union([z.literal('all'), z.array(text)])
const link = { number: z.number().int().positive(), previous: text.nullable(), hash: text }
const recorded = { at: time, actor: text, reason: text }

const flags = z.strictObject({
  enabled: z.boolean(),
  mode: z.enum(flagModes),
  models: modelList,
  enforceModels: modelList,
  logModels: modelList,
  allowBypass: z.boolean(),
  bypassRequiresReason: z.boolean(),
  logSampleRate: z.number().positive().max(1),
})

const override = z.union([
  z.strictObject({ mode: z.enum(overrideModes) }),
  z.strictObject({ mode: z.enum(overrideModes), reason: text, until: time }),
])

const generation = z.strictObject({
  ...link,
  ...recorded,
  kind: z.literal('generation'),
  change: z.enum(generationChanges),
  plan: text,
  stage: count,
  stageEnteredAt: time,
  flags,
  latch: z.enum(latchModes).optional(),
  removedModels: z.array(text),
  tenants: z.record(z.string().regex(tenantIdPattern), override),
  models: z.record(z.string(), z.enum(severities)),
  instances: z.array(text).min(1),
  dwellDays: z.array(z.number().nonnegative()).optional(),
  baseline: z.strictObject({ operations: count, failed: count }).optional(),
  adopted: z
    .strictObject({ source: z.enum(adoptionSources), instance: text, content: text })
    .optional(),
  evidence: z
    .strictObject({
      verdict: z.enum(verdicts),
      release: text.optional(),
      gates: z.record(z.string(), z.number().nullable()),
    })
    .optional(),
})

const killSwitch = z.strictObject({
  ...link,
  ...recorded,
  kind: z.literal('kill_switch'),
  killSwitch: z.enum(['on', 'off']),
})

const triage = z.strictObject({
  ...link,
  ...recorded,
  kind: z.literal('triage'),
  signatures: z.array(text).min(1),
  ruling: z.enum(rulings),
})

export function parseGeneration(value: unknown): GenerationRecord {
  return generation.parse(value)
}

export function parseKillSwitch(value: unknown): KillSwitchRecord {
  return killSwitch.parse(value)
}

export function parseTriage(value: unknown): TriageRecord {
  return triage.parse(value)
}
