import { type Collapsed, collapseValues } from '../../src/parse/collapse-values.ts'
import { isShallow } from '../../src/parse/nesting.ts'
import { isWorthItsTree } from '../../src/parse/repeated-sources.ts'

const many = (count: number, each: (i: number) => string, between = ', '): string =>
  Array.from({ length: count }, (_, i) => each(i)).join(between)

/** Shapes that are deep for a parser that recurses. */
export const deep: readonly ((n: number) => string)[] = [
  (n) => `select ${'('.repeat(n)}1${')'.repeat(n)}`,
  (n) => `select ${'not '.repeat(n)}a`,
  (n) => `select ${'- '.repeat(n)}a`,
  (n) => `select 1${'+1'.repeat(n)}`,
  (n) => `select 1${'::x'.repeat(n)}`,
  (n) => `select a${' is null'.repeat(n)}`,
  (n) => `select a${' collate b'.repeat(n)}`,
  (n) => `select ${'f('.repeat(n)}1${')'.repeat(n)}`,
  (n) => `select ${'array['.repeat(n)}1${']'.repeat(n)}`,
  (n) => `select ${'case when a, b then '.repeat(n)}1${' end'.repeat(n)}`,
  (n) => `select 1, 2${' union select 1, 2'.repeat(n)}`,
  (n) => `select 1${' intersect select 1'.repeat(n)}`,
  (n) => `select 1${' except select 1'.repeat(n)}`,
  (n) => `select 1 from a${' join b on c = d and e'.repeat(n)}`,
  (n) => `select 1 from a${' cross join b'.repeat(n)}`,
  (n) => `select ${'not a = '.repeat(n)}b`,
  (n) => `select ${'('.repeat(n)}`,
  (n) => `select 1, 2${' intersect select 1, 2'.repeat(n)}`,
  (n) => `select 1, 2${' except select 1, 2'.repeat(n)}`,
  (n) => `select ${'case when '.repeat(n)}a${' then b end'.repeat(n)}`,
  (n) => `select ${'f(1, '.repeat(n)}1${', 1)'.repeat(n)}`,
  (n) => `select ${'array[1, '.repeat(n)}1${', 1]'.repeat(n)}`,
  (n) => `) select ${'- '.repeat(n)}1`,
  (n) => `select ${'(- '.repeat(n)}1${')'.repeat(n)}`,
  (n) => `select ${'(- 1), '.repeat(n)}${'- '.repeat(n)}1`,
]

/** Two sums of many of a kind: deep only for who counts what they add, too. */
const sums = (each: string): string => many(2, () => many(1200, () => each, ' + '))

/** Texts that are long and not deep. */
export const long: readonly string[] = [
  `insert into t (a, b) values ${many(4000, (i) => `($${i}, -1)`)}`,
  `select a from t where ${many(2500, (i) => `(a = $${i} and b = 1)`, ' or ')}`,
  `select a from t where a in (${many(9000, () => '-1')})`,
  `select a from t where ${many(2500, (i) => `a = ${i} + 1`, ' and ')}`,
  `update t set ${many(2500, (i) => `c${i} = d + 1`)}`,
  `select ${many(2500, (i) => `case when a = ${i} then b + 1 else c - 1 end`)} from t`,
  `select case ${many(2500, (i) => `when a = ${i} then b + 1`, ' ')} end from t`,
  `select ${many(2500, () => '(array[-1])[+1]')} from t`,
  `select '${'((('.repeat(2000)}'`,
  `select ${many(2500, () => 'a.b')} from a`,
  ...['a', 'a.b', `'x'`, '1', '1.5', '$1'].map((each) => `select ${sums(each)} from a`),
  `select case ${many(2, () => `when ${sums('a').replace(', ', ' then ')}`, ' ')} else ${sums('a').split(', ')[0]} end`,
  `select case a when 1 then ${sums('a').replace(', ', ' else ')} end from a`,
  `select ${many(2500, () => '(select 1 union select 1)')}`,
]

/** Texts of many statements, none of which is deep. */
export const scripts: readonly (readonly [statements: number, text: string])[] = [
  [600, many(600, () => 'delete from t where a = 1', '; ')],
  [1200, many(1200, () => 'commit', '; ')],
]

/** As deep as may be. */
const deepest = `select ${'- '.repeat(1998)}a, 1 + 1, 1 + 1`

const insert = (rows: number, tail = ''): string =>
  `insert into users (id, tenant_id) values ${many(rows, (i) => `($${i * 2 + 1}, $${i * 2 + 2})`)}${tail}`

const whole = (text: string): Collapsed => ({ text, rows: [] })
const shortened = (rows: number, tail = '', head = insert(1)): Collapsed => ({
  text: `${head}${tail}`,
  rows: Array.from({ length: rows - 1 }, (_, i) => [i * 2 + 3, i * 2 + 4]),
})

/** Long inserts, and what is left of them. */
const collapsed: readonly (readonly [text: string, left: Collapsed])[] = [
  [insert(20), whole(insert(20))],
  [insert(21), shortened(21)],
  [insert(40, ' returning id'), shortened(40, ' returning id')],
  [insert(40, ', (1, $82)'), shortened(40, ', (1, $82)')],
  [insert(40, `, ('x', $82)`), shortened(40, `, ('x', $82)`)],
  [insert(40, ', ($81)'), whole(insert(40, ', ($81)'))],
  [insert(40, ' , select'), shortened(40, ' , select')],
  [`with x as (select 1) ${insert(40)}`, whole(`with x as (select 1) ${insert(40)}`)],
  [`/* x */ ${insert(40)}`, whole(`/* x */ ${insert(40)}`)],
  [
    insert(40).replace('values', 'values /* x */'),
    whole(insert(40).replace('values', 'values /* x */')),
  ],
  [insert(40).replace(' (id, tenant_id)', ''), whole(insert(40).replace(' (id, tenant_id)', ''))],
  [insert(40).replace('$1, ', '1, '), whole(insert(40).replace('$1, ', '1, '))],
  ['select 1', whole('select 1')],
  [
    insert(40).replace('insert into users', '\n INSERT\tINTO "a b" . users'),
    shortened(40, '', insert(1).replace('insert into users', '\n INSERT\tINTO "a b" . users')),
  ],
]

const listed = (count: number, each = '1'): string => many(count, () => each, ',')
/** What the parser repeats for 500 columns; 98 values are all that it may. */
const repeated = (values: number, more = ''): string =>
  `update t set (${listed(500, 'a')}) = (${listed(values)})${more}`
const further = listed(1000)
const sourced = (source: string): string =>
  `update t set (${listed(500, 'a')}) = ${source}, b = f(${further})`

/** Statements that set many columns at once, and as much as they may. */
const repeating: readonly ((values: number) => string)[] = [
  (n) => repeated(n),
  (n) => repeated(n, ` where a in (${further})`),
  (n) => repeated(n, ` from (values (${further})) v`),
  (n) => repeated(n, ` returning (${further})`),
  (n) => repeated(n, `, b = f(${further})`),
  (n) => repeated(n, `; select ${further}`),
  (n) => `with x as (${repeated(n)}) select ${further}`,
  (n) =>
    `merge into t using s on true when matched then ${repeated(n, ` when not matched then do nothing`).replace('t ', '')}`,
  (n) => repeated(n).replace(') =', ') /* x */ -- y\n\t=').replace('(1', '/**/ (1'),
  (n) => repeated(n).replace('= (', '= (select ').replace('1,1)', '1)'),
  (n) => repeated(n).replaceAll(/1,1,/g, '1 + 1,'),
  (n) => repeated(n).replace('a,a', 'a,a[f(1, 1)]'),
  (n) => `${repeated(n - 20)}; ${repeated(20)}`,
  (n) => sourced(`array[${listed(n - 1)}]`),
  (n) => sourced(`case when true then ${many(n - 2, () => '1', ' + ')} end`),
  (n) => sourced(`case t.end when 1 then f(${listed(n - 5)}) end`),
  (n) => sourced(`1 is distinct from (${listed(n - 2)})`),
  (n) => sourced(`(select 1 end, 1 case, t.case, case 1 when 1 then 2 end, ${listed(n - 11)})`),
  (n) => sourced(`(select distinct (1), ${listed(n - 4)})`),
  (n) => sourced(`(${listed(n)}), (a, b) = (1, 2)`).replace('update t set', 'update t set b = 1,'),
]

/** Columns of columns. */
const nested = (values: number): string =>
  `update t set (${listed(50, 'a')}) = (with x as (update t set (${listed(50, 'a')}) = (${listed(values)})) select 1)`

type Judged = readonly [what: string, found: unknown, expected: unknown]

/** What the steps before the parser make of texts. */
export function* texts(): Generator<Judged> {
  for (const shape of deep) {
    yield [`deep: ${shape(1)}`, isShallow(shape(3000)), false]
    yield [`shallow: ${shape(1)}`, isShallow(shape(100)), true]
  }
  yield ['as deep as may be', isShallow(deepest), true]
  yield ['one deeper', isShallow(deepest.replace('-', '- -')), false]
  for (const [, text] of scripts) yield [`long: ${text.slice(0, 60)}`, isShallow(text), true]
  for (const text of long) yield [`long: ${text.slice(0, 60)}`, isShallow(text), true]
  for (const shape of repeating) {
    yield [`repeated: ${shape(96).slice(-60)}`, isWorthItsTree(shape(96)), true]
    yield [`repeated too often: ${shape(101).slice(-60)}`, isWorthItsTree(shape(101)), false]
  }
  for (const each of ['(a, b) = (1, 2)', 'coalesce(a, b) = 1', '(a) = 1', 'a in (1, 2)']) {
    const compared = many(1000, () => each, ' or ')
    yield [`compared: ${each}`, isWorthItsTree(`update t set a = 1 where ${compared}`), true]
    yield [`given: ${each}`, isWorthItsTree(`select ${compared}, ${compared}`), true]
  }
  const rows = many(1000, () => '(1, 2)', ',')
  yield ['rows', isWorthItsTree(`with x as (insert into t values ${rows}) ${repeated(1)}`), true]
  const wide = many(30, () => `(${listed(100)})`, ',')
  yield [
    'wide rows',
    isWorthItsTree(`with x as (insert into t values ${wide}) ${repeated(1)}`),
    true,
  ]
  const single = `update t set (a) = (1), ${many(9000, () => 'a=1', ',')}`
  yield ['columns one by one', isWorthItsTree(single), true]
  yield ['repeated as often as may be', isWorthItsTree(repeated(98)), true]
  yield ['once more', isWorthItsTree(repeated(99)), false]
  const short = (columns: number): string => `update t set (${listed(columns, 'a')}) = (select 1)`
  yield ['a short source, often', isWorthItsTree(short(7100)), true]
  yield ['a short source, more often', isWorthItsTree(short(7200)), false]
  yield ['columns of columns', isWorthItsTree(nested(17)), true]
  yield ['columns of more columns', isWorthItsTree(nested(20)), false]
  const often = 'with x as(update t set (a,a,a,a,a,a,a,a,a,a,a,a)=('
  yield [
    'a short text of columns of columns',
    isWorthItsTree(
      `select ${often.repeat(5).replaceAll('(with', '( with')}1${')) select 1'.repeat(5)}`,
    ),
    false,
  ]
  for (const [text, left] of collapsed) {
    yield [`collapsed: ${text.slice(-60)}`, collapseValues(text), left]
  }
}
