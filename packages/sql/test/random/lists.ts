import type { Pen } from './pen.ts'
import { type Column, columnsIn, int, type Source, sourceOf, text } from './relations.ts'

type Item = readonly [string, Source]

/** A relation that no table stands behind: lists, functions, JSON; some have the tenant in it. */
export function listItem(pen: Pen, beside: readonly Source[]): Item {
  const { random } = pen
  const as = pen.alias()
  const tenant = int('o')
  const item = (from: string, columns: Column[], owner?: Column): Item => [
    from,
    sourceOf(as, owner === undefined ? { columns } : { columns, owner }),
  ]
  const near = columnsIn(beside, 'int')
  const pair = [int('i'), text('t')]
  const ways: (() => Item)[] = [
    () => {
      pen.uses('VALUES as a relation')
      return item(
        `(values (1, 'a'), (${random.below(4)}, null), (${pen.typedTenant('int')}, 'b')) as ${as}(i, t)`,
        pair,
      )
    },
    () => {
      pen.uses('VALUES as a relation')
      const row = (): string => `(${random.below(4)}, ${pen.typedTenant('int')})`
      return item(`(values ${row()}, ${row()}) as ${as}(i, o)`, [int('i'), tenant], tenant)
    },
    () => {
      pen.uses('VALUES of parameters')
      // What nothing else gives a type is text.
      const name = (): string => pen.tenant('text')
      const more = random.pick(['', '', `, (3, '${random.chance(0.8) ? 'acme' : 'ACME'}')`])
      const o = text('o')
      return item(`(values (1, ${name()}), (2, ${name()})${more}) as ${as}(i, o)`, [int('i'), o], o)
    },
    () => {
      pen.uses('function as a relation')
      return item(`unnest(array[1, 2, ${pen.typedTenant('int')}]) as ${as}(i)`, [int('i')])
    },
    () => {
      pen.uses('several arrays unnested')
      const [a, b] = [pen.bind([1, 2]), pen.bind(random.chance(0.9) ? [2, 2] : [2])]
      return item(`unnest(${a}::int4[], ${b}::int4[]) as ${as}(i, o)`, [int('i'), tenant], tenant)
    },
    () => {
      pen.uses('several arrays unnested')
      return item(`unnest(array[1, 2, 3], array['a', null]) as ${as}(i, t)`, pair)
    },
    () => {
      pen.uses('ROWS FROM')
      return item(
        `rows from (generate_series(1, 3), unnest(array['a', 'b'])) with ordinality as ${as}(i, t, n)`,
        [...pair, int('n')],
      )
    },
    () => {
      pen.uses('WITH ORDINALITY')
      return item(`generate_series(1, ${1 + random.below(3)}) with ordinality as ${as}(i, n)`, [
        int('i'),
        int('n'),
      ])
    },
    () => {
      pen.uses('JSON_TABLE')
      return item(
        `json_table(jsonb '[{"i": 1, "t": "a"}, {"i": 2}]', '$[*]' columns (i int path '$.i', t text path '$.t')) as ${as}`,
        pair,
      )
    },
    () => {
      pen.uses('function as a relation')
      return item(
        `jsonb_to_recordset('[{"i": 1, "t": "a"}, {"i": 3}]') as ${as}(i int, t text)`,
        pair,
      )
    },
  ]
  if (near.length > 0) {
    ways.push(
      () => {
        pen.uses('function of a row beside')
        const of = random.pick(near)
        return item(`generate_series(1, least(${of}, 3)) as ${as}(i)`, [int('i')])
      },
      () => {
        pen.uses('function of a row beside')
        const of = random.pick(near)
        return item(`lateral (values (${of}), (${random.pick(near)})) as ${as}(i)`, [int('i')])
      },
    )
  }
  return random.pick(ways)()
}

/** A table whose first columns have other names. */
export function renamedTable(pen: Pen): Item {
  const as = pen.alias()
  pen.uses('column aliases')
  const owner = int('o')
  const rest = { users: [text('name'), int('country')], posts: [text('title'), int('score')] }
  const table = pen.random.pick(['users', 'posts'] as const)
  return [
    `${table} as ${as}(k, o)`,
    sourceOf(as, { columns: [int('k'), owner, ...rest[table]], owner }),
  ]
}
