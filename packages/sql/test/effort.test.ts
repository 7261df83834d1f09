import { describe, expect, it } from 'vitest'
import { judge } from '../src/guard/verdict.ts'
import { parse } from '../src/parse/parse.ts'
import { withinEffort } from '../src/proof/effort.ts'
import type { Query } from '../src/proof/model.ts'
import { type Obligation, prove } from '../src/proof/prove.ts'
import { translateAll } from '../src/translate/statement.ts'
import { reportedIn } from './judge.ts'
import { schema } from './world.ts'

const names = [...'abcdefghij']

const translated = (text: string): readonly Query[] =>
  translateAll(parse(text, Number.POSITIVE_INFINITY), schema).queries

/** Proves the text, which must not take more steps. */
function proveWithin(steps: number, text: string): readonly Obligation[] {
  return withinEffort(steps, () => prove(translated(text)))
}

/** Queries in FROM of one another, each with a condition of its own. */
function nested(levels: number, inner: string, where: (level: number) => string): string {
  let text = inner
  for (let level = 0; level < levels; level += 1) {
    text = `select * from (${text}) x where ${where(level)}`
  }
  return text
}

const owners = (columns: number): string =>
  `select ${Array.from({ length: columns }, (_, i) => `owner ${names[i] ?? `c${i}`}`).join(', ')} from docs`
const allEqual = names.slice(1).map((name) => `a = ${name}`)
const repeated = (times: number, piece: string): string[] =>
  Array.from({ length: times }, () => piece)

describe('queries within one another', () => {
  it('cost what each of them says itself, however many columns equal constants of others', () => {
    const shapes: readonly ((constants: number) => readonly string[])[] = [
      (n) => [...allEqual, `a in (${repeated(n, '$1').join()})`],
      (n) => [...allEqual, ...repeated(n, 'a = $1')],
      (n) => [...allEqual, ...repeated(n, '$1').map((one, i) => `${names[i % 10]} = ${one}`)],
      (n) => names.map((name) => `${name} in (${repeated(n / 10, '$1').join()})`),
    ]
    for (const shape of shapes) {
      const text = nested(100, owners(10), () => shape(30).join(' and '))
      const [found] = proveWithin(4_500_000, text)
      expect(found?.constants).toHaveLength(3000)
      expect(reportedIn(schema, text, ['acme'])).toBe('')
    }
  })

  it('cost no more where all constants stand on one level', () => {
    const list = `a in (${repeated(3000, '$1').join()})`
    const above = `${nested(100, owners(10), () => allEqual.join(' and '))} and ${list}`
    const below = nested(100, `${owners(10)} where owner in (${repeated(3000, '$1').join()})`, () =>
      allEqual.join(' and '),
    )
    for (const text of [above, below]) {
      expect(proveWithin(2_000_000, text)[0]?.constants).toHaveLength(3000)
    }
  })

  it('need all that they are compared with on any level to be the tenant', () => {
    for (const foreign of Array.from({ length: 12 }, (_, level) => level)) {
      const one = (level: number): string => (level === foreign ? `'globex'` : '$1')
      const columns = (level: number): string => `${names[level % 10]} = ${one(level)}`
      const equal = nested(12, owners(10), (l) => [...allEqual, columns(l)].join(' and '))
      const apart = nested(12, owners(10), columns)
      for (const text of [equal, apart]) {
        expect(reportedIn(schema, text, ['acme']), text).toBe('Doc foreign_value')
        expect(reportedIn(schema, text.replace('globex', 'acme'), ['acme'])).toBe('')
      }
    }
  })

  it('are refused where they repeat more columns than can be looked at', () => {
    const inner = owners(1000)
    for (const text of [
      nested(190, `${inner} where owner = $1`, () => 'true'),
      `${nested(190, inner, () => 'true')} and c11 = $1 and ${repeated(900, 'c')
        .map((c, i) => `${c}${i + 20} = $1`)
        .join(' and ')}`,
    ]) {
      const { unprovable, obstacle, claims } = judge(text, schema, 65_536)
      expect([unprovable, claims]).toEqual(['unsupported', []])
      expect(obstacle).toMatch('too many columns, comparisons or constants')
    }
  })
})

describe('a text that repeats what is looked up', () => {
  const some = (size: number, each: (i: number) => string): string =>
    Array.from({ length: size }, (_, i) => each(i)).join()
  const named = (size: number): string => `select ${some(size, (i) => `1 q${i}`)}`
  const aggregates = (depth: number, size: number): string =>
    `select (select ${'max('.repeat(depth)}coalesce(${some(size, () => 'id')})${')'.repeat(depth)} from docs b) from docs`
  const looked: readonly (readonly [what: string, text: (size: number) => string])[] = [
    [
      'names among many columns of many relations',
      (n) =>
        `with c as (${named(2 * n)}), d as (select 1 z) select ${some(100 * n, () => 'z')} from ${some(n, (i) => `c q${i}`)}, d`,
    ],
    [
      'columns that are listed twice, among many parameters',
      (n) =>
        `select 1 from (values (${some(34 * n, (i) => `$${i + 1}`)}), (${some(34 * n, (i) => `$${i + 1 + 34 * n}`)})) v`,
    ],
    [
      'names of queries of WITH RECURSIVE',
      (n) => `with recursive ${some(24 * n, (i) => `q${i} as (select)`)} select 1`,
    ],
    ['names within aggregates within one another', (n) => aggregates(2 * n, 50 * n)],
  ]

  // mutation src/translate/namespace.ts: spend('names', item.positions.length) => spend('names', 0)
  // mutation src/translate/translation.ts: spend('names', parameters.size) => spend('names', 0)
  // mutation src/translate/with-clause.ts: spend('nodes', later.length) => spend('nodes', 0)
  // mutation src/translate/expression.ts: spend('nodes', place.seen.length) => spend('nodes', 0)
  it.each(looked)('is refused where it takes too much: %s', (_, text) => {
    const { obstacle } = judge(text(120), schema, 65_536)
    expect(obstacle).toMatch('too many columns, comparisons or constants')
    expect(judge(text(8), schema, 65_536).obstacle ?? '').not.toMatch('too many columns')
  })

  // mutation src/translate/namespace.ts: spend('names', items.length) => spend('names', 0)
  it('counts the relations, too, in which a name is looked for', () => {
    const from = `(select 1 q9) y, ${some(190, (i) => `(select) x${i}`)}`
    const text = `select ${some(20_000, () => 'q9')} from ${from}`
    expect(() => proveWithin(3_500_000, text)).toThrow('too many columns')
  })

  it('looks for nothing beside a column of VALUES that has one row', () => {
    const text = `select 1 from (values (${some(9000, (i) => `$${i + 1}`)})) v`
    expect(() => proveWithin(4_000_000, text)).not.toThrow()
  })
})

it('counts each text by itself', () => {
  const text = nested(20, `${owners(10)} where owner = $1`, () => 'a = b')
  expect(() => proveWithin(100, text)).toThrow('too many columns')
  const within = (): unknown => proveWithin(1_000_000, text)
  expect(withinEffort(100, within)).toHaveLength(1)
  expect(() => withinEffort(100, () => [within(), prove(translated(text))])).toThrow()
})

describe('a query of WITH, which each mention reads anew', () => {
  const mentioned = (times: number, query: string): string =>
    `with q as (${query}) select 1 from ${repeated(times, 'q')
      .map((q, i) => `${q} q${i}`)
      .join()}`
  const listed = (size: number): string =>
    `select id from docs where owner in (${repeated(size, '$1').join()})`

  it('is refused where it is long and mentioned often', () => {
    const long = [
      listed(13_000),
      `select id from docs where owner = $1 ${'and n + 1 > 2 '.repeat(2500)}`,
      `select ${'id, '.repeat(10_000)} id from docs where owner = $1`,
    ]
    for (const query of long) {
      const { unprovable, obstacle } = judge(mentioned(96, query), schema, 65_536)
      expect(unprovable, query.slice(-40)).toBe('unsupported')
      expect(obstacle).toMatch('mentions of WITH')
      expect(reportedIn(schema, mentioned(3, query), ['acme'])).toBe('')
    }
    const often = mentioned(96, `select id from docs where owner = $1 ${'and n > 2 '.repeat(50)}`)
    expect(reportedIn(schema, often, ['acme'])).toBe('')
  })

  it('asks for each of its constants once', () => {
    const { claims } = judge(mentioned(5, listed(2000)), schema, 65_536)
    expect(claims.map(({ constants }) => constants)).toEqual([
      [{ kind: 'parameter', index: 1, family: 'text' }],
    ])
    const both = mentioned(5, `select id from docs where owner in ($1, $2, 'acme')`)
    expect(reportedIn(schema, both, ['acme', 'acme'])).toBe('')
    expect(reportedIn(schema, both, ['acme', 'globex'])).toBe('Doc foreign_value')
    expect(reportedIn(schema, both.replace('acme', 'globex'), ['acme', 'acme'])).not.toBe('')
  })
})

it('hands on as many columns as a text may have', () => {
  const wide = `select * from (select ${'1, '.repeat(150_000)} 1 from docs where owner = $1) x`
  expect(judge(wide, schema, 1_000_000).claims).toHaveLength(1)
})
