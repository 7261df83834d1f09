import { document001, type Gate, verdicts } from '@partywall/rollout'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { automaticRollback } from '../src/automatic-rollback.ts'
import type { Bucket } from '../src/buckets.ts'
import { type Counts, noCounts } from '../src/counts.ts'
import { evaluate } from '../src/evaluate.ts'
import type { Evidence } from '../src/evidence.ts'
import { defaultFlags } from '../src/flags.ts'
import type { FleetReport } from '../src/fleet-report.ts'
import { gatherEvidence } from '../src/gather-evidence.ts'
import type { GenerationRecord, KillSwitchRecord, TriageRecord } from '../src/records.ts'
import { flagsOfStage } from '../src/stage-flags.ts'
import { fleetModels } from './running-fleet.ts'

const hourMs = 3_600_000
const entered = Date.UTC(2026, 0, 5)

/** What a fleet of two counted, hour by hour, since it entered a stage. */
interface Story {
  readonly stage: number
  readonly hours: number
  readonly perHour: number
  readonly each?: (hour: number, counts: Counts) => Partial<Counts>
  /** The same for the second instance. */
  readonly other?: (hour: number, counts: Counts) => Partial<Counts>
  readonly change?: Partial<GenerationRecord>
  readonly rulings?: readonly Pick<TriageRecord, 'signatures' | 'ruling'>[]
  /** Processes beside the two, each like a but with nothing counted. */
  readonly others?: readonly Partial<FleetReport>[]
}

function evidenceOf(story: Story): Evidence {
  const { stage, hours, perHour, each, other, change, rulings = [], others = [] } = story
  const plan = document001.stages[stage]
  if (plan === undefined) throw new Error('no such stage')
  const generation: GenerationRecord = {
    number: 7,
    previous: 'x',
    hash: 'y',
    kind: 'generation',
    change: 'advance',
    at: entered,
    actor: 'ada',
    reason: 'r',
    plan: '001',
    stage,
    stageEnteredAt: entered,
    flags: flagsOfStage(plan, fleetModels, [], defaultFlags),
    removedModels: [],
    tenants: {},
    models: fleetModels,
    instances: ['a', 'b'],
    baseline: { operations: 10_000, failed: 20 },
    ...change,
  }
  const killSwitch: KillSwitchRecord = {
    kind: 'kill_switch',
    killSwitch: 'off',
    number: 1,
    previous: null,
    hash: 'z',
    at: entered,
    actor: 'ada',
    reason: 'r',
  }
  const plain: Counts = {
    ...noCounts,
    guarded: perHour,
    operations: perHour,
    overhead: { 0.5: perHour },
  }
  const buckets: Bucket[] = []
  for (let hour = 0; hour < hours; hour += 1) {
    const start = entered + hour * hourMs
    buckets.push({
      generation: 'y',
      start,
      lengthMs: hourMs,
      from: start,
      to: start + hourMs,
      observedMs: hourMs,
      counts: { ...plain, ...each?.(hour, plain) },
    })
  }
  const reports = ['a', 'b'].map(
    (instance): FleetReport => ({
      instance,
      incarnation: '1',
      release: '1',
      startedAt: entered,
      at: entered + hours * hourMs,
      wallStartedAt: Date.now(),
      wallAt: Date.now(),
      generation: 7,
      killSwitchRecord: 1,
      generationHash: 'y',
      killSwitchHash: 'z',
      killSwitch: 'off',
      always: stage === 4,
      models: fleetModels,
      problems: [],
      // The second instance has plain traffic only, so that sums are sums.
      buckets:
        instance === 'a'
          ? buckets
          : buckets.map((it, hour) => ({ ...it, counts: { ...plain, ...other?.(hour, plain) } })),
      slices: (instance === 'a' ? buckets : []).map(({ from, to, counts }) => ({
        generation: 'y',
        from,
        to,
        operations: counts.operations,
        blocked: counts.operationsBlocked,
        failed: counts.operationsFailed,
        outside: counts.blocksOutside,
        closed: false,
      })),
      signatures: {},
    }),
  )
  const triage = rulings.map((it) => it as TriageRecord)
  const now = entered + hours * hourMs
  const [like] = reports
  if (like === undefined) throw new Error('there is a')
  const beside = others.map((own) => ({ ...like, buckets: [], slices: [], ...own }))
  const reading = { reports: [...reports, ...beside], unreadable: [] }
  return gatherEvidence(generation, killSwitch, triage, reading, now)
}

function gateOf(story: Story, name: string): { verdict: string; value?: number; note?: string } {
  const found = evaluate(evidenceOf(story)).gates.find(({ gate }) => gate === name)
  if (found === undefined) throw new Error(`no gate ${name}`)
  return found
}

/** A story that is green in every stage. */
const calm = (stage: number): Story => ({ stage, hours: 13 * 24, perHour: 1_000 })
const withModel = (model: string, seen: number, blocks = 0): Partial<Counts> => ({
  models: { [model]: [seen, blocks, 0] },
})
const last = (story: Story, hour: number): boolean => hour === story.hours - 1

it('are all green over a calm time in every stage', () => {
  for (const stage of [0, 1, 2, 3, 4]) {
    const { verdict, gates } = evaluate(evidenceOf(calm(stage)))
    expect(gates.filter((gate) => gate.verdict !== 'green')).toEqual([])
    expect(verdict).toBe('green')
    for (const gate of gates)
      expect(gate).toMatchObject({
        samples: expect.any(Number),
        spanMs: expect.any(Number),
        threshold: expect.stringMatching(/^(<|<=|>=) /),
      })
  }
})

// mutation src/measures.ts: if (operations === 0) return 'there was no request in its window' => if (evidence.generation.number === 0) return ''
it('over the last day say nothing without a request of that day, however many came before', () => {
  const quiet = (hour: number, counts: Counts): Partial<Counts> =>
    hour < 24 ? counts : { operations: 0 }
  for (const [stage, name] of [
    [1, 'violation_rate'],
    [2, 'logged_violation_rate'],
    [3, 'bypasses_per_day'],
    [3, 'bypasses_in_an_hour'],
  ] as const) {
    // Statements still go through the walls, say of a timer; requests are of the first day alone.
    const evidence = evidenceOf({ ...calm(stage), each: quiet, other: quiet })
    const gate = evaluate(evidence).gates.find((each) => each.gate === name)
    expect(gate).toMatchObject({
      samples: 0,
      verdict: 'inconclusive',
      note: 'there was no request in its window',
    })
    expect(evaluate(evidence).verdict).toBe('inconclusive')
  }
})

// mutation src/evidence.ts: const buckets = countedBuckets(evidence).filter(({ bucket }) => isOfLastDay(evidence)(bucket)) => const buckets = countedBuckets(evidence)
it('miss an instance that was guarded on earlier days alone', () => {
  const idle = (hour: number, counts: Counts): Partial<Counts> => (hour < 24 ? counts : noCounts)
  for (const stage of [0, 1, 2, 3, 4]) {
    const gate = gateOf({ ...calm(stage), other: idle }, 'guarded')
    const note = 'no statement went through a wall in the last 24 h on b'
    expect(gate).toMatchObject({ value: 1, verdict: 'inconclusive', note })
  }
})

it('say nothing without a request, and never green', () => {
  for (const stage of [0, 1, 2, 3, 4]) {
    expect(evaluate(evidenceOf({ ...calm(stage), perHour: 0 })).verdict).toBe('inconclusive')
    expect(evaluate(evidenceOf({ ...calm(stage), hours: 0 })).verdict).toBe('inconclusive')
  }
})

describe('phase 0', () => {
  // mutation src/recurring-gates.ts: measure: 'guarded_instances', => measure: 'always_instances',
  it('is over when the guard is loaded on every instance [45, 47]', () => {
    const bare: Story = { ...calm(0), each: () => ({ guarded: 0 }) }
    expect(gateOf(bare, 'guarded')).toMatchObject({ value: 1, verdict: 'inconclusive' })
    expect(gateOf(calm(0), 'guarded')).toMatchObject({ value: 0, verdict: 'green' })
  })

  // mutation src/recurring-gates.ts: measure: 'guard_faults', => measure: 'own_settings',
  it('allows no fault of a wall [48]', () => {
    const story: Story = { ...calm(0), each: (hour) => ({ guardFaults: hour === 3 ? 1 : 0 }) }
    expect(gateOf(story, 'guard_faults')).toMatchObject({ value: 1, verdict: 'red' })
  })

  // mutation src/recurring-gates.ts: redAbove: 10, => redAbove: 100,
  it('allows 5 ms more at the 95th percentile; above 10 ms is red in every stage [46, 49, 147]', () => {
    const slow = (bound: string, share: number): Story => ({
      ...calm(0),
      each: (_hour, { guarded }) => ({
        overhead: { 0.5: guarded * 2 * (1 - share) - guarded, [bound]: guarded * 2 * share },
      }),
    })
    expect(gateOf(slow('5', 0.2), 'overhead')).toMatchObject({ value: 5, verdict: 'green' })
    expect(gateOf(slow('10', 0.04), 'overhead')).toMatchObject({ value: 0.5, verdict: 'green' })
    expect(gateOf(slow('10', 0.06), 'overhead')).toMatchObject({ value: 10, verdict: 'amber' })
    expect(gateOf(slow('25', 0.06), 'overhead')).toMatchObject({ value: 25, verdict: 'red' })
    for (const stage of [1, 2, 3, 4]) {
      const { verdict } = gateOf({ ...slow('rest', 0.06), stage }, 'overhead')
      expect(verdict).toBe('red')
    }
  })
})

describe('phase 1', () => {
  const violations = (perHour: number): Story => ({
    ...calm(1),
    each: (hour) => withModel('Role', hour % 10 === 0 ? perHour * 10 : 0),
  })

  // mutation src/document-001.ts: measure: 'violation_rate', => measure: 'own_settings',
  it('takes fewer than 10 violations an hour: 9.9 is green and 10 is not [61]', () => {
    const ten: Story = { ...calm(1), each: () => withModel('Role', 10) }
    expect(gateOf(ten, 'violation_rate')).toMatchObject({ value: 10, verdict: 'amber' })
    const nearly: Story = {
      ...calm(1),
      hours: 10,
      each: (hour) => withModel('Role', hour === 4 ? 9 : 10),
    }
    expect(gateOf(nearly, 'violation_rate')).toMatchObject({ value: 9.9, verdict: 'green' })
    expect(gateOf(violations(1), 'violation_rate').verdict).toBe('green')
  })

  it('measures rates over the last day, so that a late burst is not diluted', () => {
    const story = calm(1)
    const burst: Story = {
      ...story,
      each: (hour) => withModel('Role', last(story, hour) ? 240 : 0),
    }
    expect(gateOf(burst, 'violation_rate')).toMatchObject({ value: 10, verdict: 'amber' })
    const early: Story = { ...story, each: (hour) => withModel('Role', hour === 3 ? 9_999 : 0) }
    expect(gateOf(early, 'violation_rate')).toMatchObject({ value: 0, verdict: 'green' })
  })

  it('measures no rate over less than an hour', () => {
    expect(gateOf({ ...calm(1), hours: 1 }, 'violation_rate').verdict).toBe('green')
    const evidence = evidenceOf({ ...calm(1), hours: 1 })
    const short = evaluate({ ...evidence, now: evidence.now - 1 })
    expect(short.gates.find(({ gate }) => gate === 'violation_rate')?.verdict).toBe('inconclusive')
  })

  // mutation src/measures.ts: return (generation.models[model] ?? 'CRITICAL') === 'CRITICAL' => return generation.models[model] === 'HIGH'
  it('takes no violation on a CRITICAL model, nor on one that nobody could name [62, 158]', () => {
    for (const model of ['User', 'RefreshToken', '(unknown)']) {
      const story: Story = { ...calm(1), each: (hour) => withModel(model, hour === 100 ? 1 : 0) }
      expect(gateOf(story, 'critical_violations')).toMatchObject({ value: 1, verdict: 'red' })
    }
    const high: Story = { ...calm(1), each: (hour) => withModel('Role', hour === 100 ? 1 : 0) }
    expect(gateOf(high, 'critical_violations').verdict).toBe('green')
  })

  // mutation src/measures.ts: const value = measured.value === undefined ? undefined : measured.value - usual => const value = measured.value === undefined ? undefined : usual - measured.value
  it('takes no incident: a share of failures above stage 0’s by 0.1 points is red [63]', () => {
    const failing = (perThousand: number): Story => ({
      ...calm(1),
      each: () => ({ operationsFailed: perThousand }),
    })
    // Stage 0 had 0.2 %.
    expect(gateOf(failing(2), 'user_facing_errors').verdict).toBe('green')
    expect(gateOf(failing(3), 'user_facing_errors').verdict).toBe('green')
    expect(gateOf(failing(4), 'user_facing_errors').verdict).toBe('red')
    const few: Story = { ...failing(4), perHour: 100, hours: 9 }
    expect(gateOf(few, 'user_facing_errors').verdict).toBe('inconclusive')
    const bare: Story = { ...failing(0), change: { baseline: undefined } }
    expect(gateOf(bare, 'user_facing_errors').verdict).toBe('inconclusive')
  })
})

describe('phase 2', () => {
  // mutation src/measures.ts: isCritical(evidence, model) ? blocks : 0, => isCritical(evidence, model) ? 0 : blocks,
  it('takes no block on a CRITICAL model [78]', () => {
    const story: Story = { ...calm(2), each: (hour) => withModel('User', 1, hour === 9 ? 1 : 0) }
    expect(gateOf(story, 'critical_blocks')).toMatchObject({ value: 1, verdict: 'red' })
  })

  // mutation src/measures.ts: model !== unknownModel && !isEnforced(flags, mode, model) => isEnforced(flags, mode, model)
  it('takes fewer than 5 violations an hour on models that are not enforced [79]', () => {
    const five: Story = { ...calm(2), each: () => withModel('Role', 5) }
    expect(gateOf(five, 'logged_violation_rate')).toMatchObject({ value: 5, verdict: 'amber' })
    const four: Story = { ...calm(2), each: () => withModel('Role', 4) }
    expect(gateOf(four, 'logged_violation_rate')).toMatchObject({ value: 4, verdict: 'green' })
    const enforced: Story = { ...calm(2), each: () => withModel('User', 50, 50) }
    expect(gateOf(enforced, 'logged_violation_rate').value).toBe(0)
  })

  // mutation src/document-001.ts: blockedShare(0.001, sampleOfPercent), => blockedShare(0.01, sampleOfPercent),
  it('takes a share of errors below 0.1 %; up to 1 % is amber, above is red [159]', () => {
    const blocked = (count: number, perHour = 10_000): Story => ({
      ...calm(2),
      perHour,
      each: () => ({ operationsBlocked: count }),
    })
    expect(gateOf(blocked(9), 'blocked_share').verdict).toBe('green')
    expect(gateOf(blocked(10), 'blocked_share').verdict).toBe('amber')
    expect(gateOf(blocked(100), 'blocked_share').verdict).toBe('amber')
    expect(gateOf(blocked(101), 'blocked_share').verdict).toBe('red')
    const few: Story = { ...blocked(50, 333), hours: 3 }
    expect(gateOf(few, 'blocked_share')).toMatchObject({ verdict: 'inconclusive' })
  })

  // mutation src/recurring-gates.ts: measure: 'false_positives', => measure: 'own_settings',
  it('takes no user-facing error: neither failures nor a block that a person calls false [80]', () => {
    const blocks: Story = {
      ...calm(2),
      each: (hour) => ({ signatures: hour === 9 ? { s1: 2 } : {} }),
    }
    expect(gateOf(blocks, 'triage')).toMatchObject({ value: 1, verdict: 'inconclusive' })
    const legitimate: Story = { ...blocks, rulings: [{ signatures: ['s1'], ruling: 'legitimate' }] }
    expect(gateOf(legitimate, 'triage').verdict).toBe('green')
    expect(gateOf(legitimate, 'false_positives').verdict).toBe('green')
    const wrong: Story = { ...blocks, rulings: [{ signatures: ['s1'], ruling: 'false_positive' }] }
    expect(gateOf(wrong, 'false_positives')).toMatchObject({ value: 1, verdict: 'red' })
    const crowded: Story = { ...legitimate, each: () => ({ unlistedBlocks: 1 }) }
    expect(gateOf(crowded, 'triage').verdict).toBe('inconclusive')
    const failing: Story = { ...calm(2), each: () => ({ operationsFailed: 10 }) }
    expect(gateOf(failing, 'user_facing_errors').verdict).toBe('red')
  })
})

describe('phase 3', () => {
  // mutation src/document-001.ts: blockedShare(0.0001, sampleOfBasisPoint), => blockedShare(0.001, sampleOfBasisPoint),
  it('takes a share of errors below 0.01 % over at least 10 000 requests; 0.01–1 % is amber [90]', () => {
    const story = (count: number): Story => ({
      ...calm(3),
      perHour: 100_000,
      each: () => ({ operationsBlocked: count }),
    })
    expect(gateOf(story(9), 'blocked_share_long').verdict).toBe('green')
    expect(gateOf(story(10), 'blocked_share_long').verdict).toBe('amber')
    expect(gateOf(story(1_000), 'blocked_share_long').verdict).toBe('amber')
    expect(gateOf(story(1_001), 'blocked_share_long').verdict).toBe('red')
    expect(gateOf(story(1_001), 'blocked_share').verdict).toBe('red')
    const few: Story = { ...calm(3), perHour: 999, hours: 10 }
    expect(gateOf(few, 'blocked_share_long').verdict).toBe('inconclusive')
    expect(gateOf(few, 'blocked_share').verdict).toBe('green')
  })

  // mutation src/recurring-gates.ts: measure: 'open_signatures', => measure: 'own_settings',
  it('takes only errors that a person has found legitimate, and no incident [91, 92]', () => {
    const blocks: Story = { ...calm(3), each: () => ({ signatures: { s1: 1, s2: 1 } }) }
    const one: Story = { ...blocks, rulings: [{ signatures: ['s1'], ruling: 'legitimate' }] }
    expect(gateOf(one, 'triage')).toMatchObject({ value: 1, verdict: 'inconclusive' })
    const both = [...(one.rulings ?? []), { signatures: ['s2'], ruling: 'legitimate' } as const]
    expect(evaluate(evidenceOf({ ...one, rulings: both })).verdict).toBe('green')
    const faulty: Story = { ...calm(3), each: () => ({ guardFaults: 1 }) }
    expect(evaluate(evidenceOf(faulty)).verdict).toBe('red')
    const latched: Story = { ...calm(3), change: { latch: 'log_only' } }
    expect(evaluate(evidenceOf(latched)).verdict).toBe('amber')
  })

  // mutation src/document-001.ts: measure: 'bypasses_per_day', => measure: 'own_settings',
  it('takes fewer than 5 bypasses in a day, and not 6 in any hour [160]', () => {
    const uses = (count: number, at: number): Story => ({
      ...calm(3),
      each: (hour) => ({ bypasses: hour === at ? { cleanup: count } : {} }),
    })
    const { hours } = calm(3)
    expect(gateOf(uses(4, hours - 3), 'bypasses_per_day').verdict).toBe('green')
    expect(gateOf(uses(5, hours - 3), 'bypasses_per_day').verdict).toBe('amber')
    expect(gateOf(uses(5, hours - 30), 'bypasses_per_day').verdict).toBe('green')
    expect(gateOf(uses(5, hours - 3), 'bypasses_in_an_hour').verdict).toBe('green')
    expect(gateOf(uses(6, hours - 3), 'bypasses_in_an_hour').verdict).toBe('amber')
    expect(gateOf({ ...calm(3), hours: 23 }, 'bypasses_per_day').verdict).toBe('inconclusive')
  })
})

describe('what is counted', () => {
  // mutation src/measures.ts: return lost.length === 0 ? undefined : `not everything was observed: ${lost.join(', ')}` => return undefined
  it('proves nothing once observations were lost in the window, and red stays red', () => {
    for (const stage of [0, 1, 2, 3, 4]) {
      const lossy: Story = { ...calm(stage), each: (hour) => ({ lost: hour === 3 ? 7 : 0 }) }
      const { verdict, gates } = evaluate(evidenceOf(lossy))
      expect(verdict).toBe('inconclusive')
      const doubted = gates.filter((gate) => gate.verdict !== 'green')
      expect(doubted.map(({ note }) => note)).toEqual(
        doubted.map(() => 'not everything was observed: a lost 7'),
      )
      const unproven = ['dwell', 'coverage', 'own_settings', 'kill_switch', 'always_on']
      const names = gates.map(({ gate }) => gate).filter((gate) => !unproven.includes(gate))
      expect(doubted.map(({ gate }) => gate)).toEqual(names)
      const faulty: Story = { ...lossy, each: () => ({ lost: 1, guardFaults: 1 }) }
      expect(evaluate(evidenceOf(faulty)).verdict).toBe('red')
    }
  })

  const crashed = (hoursAgo: number): Partial<FleetReport> => ({
    incarnation: '0',
    at: entered + (calm(1).hours - hoursAgo) * hourMs,
    wallStartedAt: 1,
    wallAt: 2,
  })

  // mutation src/evidence.ts: state === 'ended' && report.endedAt === undefined => state === 'silent'
  it('proves no zero for a day after a process ended without its last report, and no longer', () => {
    const at = entered + (calm(1).hours - 3) * hourMs
    const note = `a ended without a last report at ${new Date(at).toISOString()}: its last half second is not counted, so wait 24 h`
    for (const stage of [0, 1, 2, 3, 4]) {
      const story: Story = { ...calm(stage), others: [crashed(3)] }
      const { verdict, gates } = evaluate(evidenceOf(story))
      expect(verdict).toBe('inconclusive')
      const doubted = gates.filter((gate) => gate.verdict !== 'green')
      expect(doubted.map((gate) => gate.note)).toEqual(doubted.map(() => note))
      expect(doubted.map(({ gate }) => gate)).toEqual(
        gates
          .map(({ gate }) => gate)
          .filter((gate) => /fault|critical|rate|triage|false_positives|bypasses/.test(gate)),
      )
      expect(evaluate(evidenceOf({ ...story, others: [crashed(25)] })).verdict).toBe('green')
      const clean = { ...crashed(3), endedAt: at }
      expect(evaluate(evidenceOf({ ...story, others: [clean] })).verdict).toBe('green')
      const faulty: Story = { ...story, each: () => ({ guardFaults: 1 }) }
      expect(evaluate(evidenceOf(faulty)).verdict).toBe('red')
    }
  })

  it('proves no share while the sample holds blocks that belong to no request', () => {
    const stray = (stage: number, at: number): Story => ({
      ...calm(stage),
      each: (hour) => ({ blocksOutside: hour === at ? 2 : 0 }),
    })
    for (const [stage, gate] of [
      [2, 'blocked_share'],
      [3, 'blocked_share'],
      [3, 'blocked_share_long'],
      [4, 'blocked_share'],
    ] as const) {
      expect(gateOf(stray(stage, calm(stage).hours - 1), gate)).toMatchObject({
        value: 0,
        verdict: 'inconclusive',
        note: '2 blocked statements belong to no request, so they are in no share',
      })
      expect(gateOf(stray(stage, 9), gate).verdict).toBe('green')
    }
  })

  // mutation src/measures.ts: if (value < limit || watchedDays >= enough) => if (value < limit || spanMs > 0)
  it('proves no day that nobody watched: a stage is over once most of it was', () => {
    const watched = (days: number): Evidence => {
      const evidence = evidenceOf(calm(1))
      const members = evidence.fleet.members.map(({ state, report }) => {
        const buckets = report.buckets.map((bucket, hour) => ({
          ...bucket,
          observedMs: hour < days * 24 ? hourMs : 0,
        }))
        return { state, report: { ...report, buckets } }
      })
      return { ...evidence, fleet: { ...evidence.fleet, members } }
    }
    const dwell = (days: number) =>
      evaluate(watched(days)).gates.find(({ gate }) => gate === 'dwell')
    expect(dwell(7)).toMatchObject({
      value: 13,
      verdict: 'inconclusive',
      note: 'only 7.0 days were watched, of at least 7.2',
    })
    expect(dwell(7.5)).toMatchObject({ value: 13, verdict: 'green' })
    expect(gateOf({ ...calm(1), hours: 24 }, 'dwell').verdict).toBe('amber')
    const renamed: Story = { ...calm(1), change: { instances: ['c'] } }
    expect(gateOf(renamed, 'dwell').verdict).toBe('green')
  })
})

// mutation src/automatic-rollback.ts: if (isClosed(evidence)) return undefined => void isClosed
it('never open the walls by themselves while tenancy is off, nor on what was counted until then', () => {
  const red = evidenceOf({ ...calm(3), each: () => ({ operationsBlocked: 500 }) })
  const { fleet, killSwitch, now } = red
  const withReport = (change: Partial<FleetReport>): Evidence => {
    const members = fleet.members.map((it) => ({ ...it, report: { ...it.report, ...change } }))
    return { ...red, fleet: { ...fleet, members } }
  }
  expect(automaticRollback(red)).toMatchObject({ change: 'rollback', latch: 'log_only' })
  const closed = fleet.members.flatMap(({ report }) => report.slices)
  const slices = closed.map((slice) => ({ ...slice, closed: true }))
  for (const evidence of [
    { ...red, killSwitch: { ...killSwitch, killSwitch: 'on' as const } },
    withReport({ killSwitch: 'on' }),
    withReport({ slices }),
    { ...red, killSwitch: { ...killSwitch, number: 3, at: now } },
  ]) {
    expect(automaticRollback(evidence)).toBeUndefined()
  }
})

it('hold at amber at best while the settings are not those of the stage', () => {
  for (const change of [
    { removedModels: ['User'] },
    { latch: 'log_only' as const },
    { flags: { ...defaultFlags, enabled: false } },
    { tenants: { acme: { mode: 'log_only' as const, reason: 'r', until: entered * 2 } } },
  ]) {
    const check = evaluate(evidenceOf({ ...calm(3), change }))
    expect(check.gates.find(({ gate }) => gate === 'own_settings')?.verdict).toBe('amber')
    expect(check.verdict).not.toBe('green')
  }
})

it('never get greener by one more violation, block, fault, failure, bypass or loss', () => {
  const trouble = fc.record({
    hour: fc.nat(60),
    what: fc.constantFrom(
      ...(['guardFaults', 'operationsBlocked', 'operationsFailed', 'unlistedBlocks'] as const),
      ...(['User', 'Role', '(unknown)', 'signature', 'bypass', 'slow'] as const),
      ...(['lost', 'blocksOutside'] as const),
    ),
    count: fc.integer({ min: 1, max: 60 }),
  })
  type Trouble = { readonly hour: number; readonly what: string; readonly count: number }
  function storyOf(stage: number, hours: number, troubles: readonly Trouble[]): Story {
    return {
      stage,
      hours,
      perHour: 400,
      each(hour, plain) {
        const counts: Record<string, unknown> = { ...plain }
        const models: Record<string, [number, number, number]> = {}
        const now = troubles.filter((it) => it.hour % Math.max(1, hours) === hour)
        for (const { what, count } of now) {
          if (what === 'signature') counts['signatures'] = { s1: count }
          else if (what === 'bypass') counts['bypasses'] = { cleanup: count }
          else if (what === 'slow') counts['overhead'] = { 0.5: plain.guarded, 25: count }
          else if (what in plain) counts[what] = Number(counts[what] ?? 0) + count
          else {
            const [seen, blocks, bypasses] = models[what] ?? [0, 0, 0]
            models[what] = [seen + count, blocks + (stage > 1 ? count : 0), bypasses]
          }
        }
        return { ...counts, models }
      },
    }
  }
  fc.assert(
    fc.property(
      fc.nat(4),
      fc.integer({ min: 1, max: 60 }),
      fc.array(trouble, { maxLength: 4 }),
      trouble,
      (stage, hours, troubles, more) => {
        const before = evaluate(evidenceOf(storyOf(stage, hours, troubles)))
        const same = troubles.filter(({ what }) => what !== more.what)
        const kept = same.length === troubles.length ? troubles : same
        const after = evaluate(evidenceOf(storyOf(stage, hours, [...kept, more])))
        const base = kept === troubles ? before : evaluate(evidenceOf(storyOf(stage, hours, kept)))
        for (const [index, gate] of base.gates.entries()) {
          const next = after.gates[index]?.verdict ?? 'green'
          expect(verdicts.indexOf(next)).toBeGreaterThanOrEqual(verdicts.indexOf(gate.verdict))
        }
      },
    ),
    { numRuns: 300 },
  )
})

it('are data: unique in their stage, with their numbers in one place', () => {
  for (const { gates } of document001.stages) {
    expect(new Set(gates.map(({ gate }: Gate) => gate)).size).toBe(gates.length)
    expect(Object.isFrozen(gates)).toBe(true)
  }
})
