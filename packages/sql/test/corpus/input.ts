import type { Case, Refused } from './case.ts'

const key = '$1'
const many = (text: string, times: number): string => text.repeat(times)
const rows = (count: number): string =>
  Array.from({ length: count }, (_, i) => `($${i * 2 + 1}, $${i * 2 + 2})`).join(', ')
const owners = (count: number, at?: number): readonly number[] =>
  Array.from({ length: count }, (_, i) => [50 + i, i === at ? 1 : 2]).flat()
const unions = (count: number): string =>
  Array.from({ length: count }, () => 'select 1 from (select 1) c').join(' union all ')
const longInsert = `insert into users (id, tenant_id) values ${rows(30)}`

export const accepted: readonly Case[] = [
  ['a long insert', longInsert, ...owners(30)],
  ['as long as may be', 'select id from users where tenant_id = $1'.padEnd(65_536), 2],
  ['as many relations as may be', unions(200)],
  ['a tenant in escapes of E', `select id from docs where owner = E'\\x61c\\u006de'`],
  ['a tenant in escapes of its own', `select id from docs where owner = U&'!0061cme' uescape '!'`],
  ['a column in escapes', `select id from docs where U&"owne\\0072" = 'acme'`],
  ['a tenant in dollars', 'select id from docs where owner = $a$acme$a$'],
  [
    'many conditions',
    `select id from users where tenant_id = $1 and (id = 1${many(' or id = 2', 600)})`,
    2,
  ],
]

/** Texts that nobody means well with: each is decided, none ends the process. */
/** Refused: the real server shows that they leak. */
export const leaking: readonly Refused[] = [
  [
    'a long insert with another tenant in the last row',
    'User tenant_write',
    longInsert,
    ...owners(30, 29),
  ],
  [
    'a long insert with another tenant in the second row',
    'User tenant_write',
    longInsert,
    ...owners(30, 1),
  ],
  [
    'a comment that closes itself',
    'User',
    `select * from users /* /* */ where tenant_id = 2 -- */`,
  ],
  [
    'another tenant in escapes of E',
    'Doc foreign_value',
    `select id from docs where owner = E'\\x41CME'`,
  ],
  [
    'another tenant in Unicode escapes',
    'Doc foreign_value',
    `select id from docs where owner = U&'\\0041CME'`,
  ],
  [
    'a quote that E takes into the text, with the condition behind it',
    'Doc',
    `select id from docs where body <> E'\\' and owner = ''acme'' --'`,
  ],
  ['a comment in a quote', 'User', `select * from users where name = '--' or tenant_id = $1`, 2],
  [
    'a quote in a quote',
    'User',
    `select * from users where name = 'a''' or tenant_id = $1 or name = ''''`,
    2,
  ],
]

/** Refused: what they would do is not to be seen on the server of the tests, or is no question of rows. */
export const refused: readonly Refused[] = [
  ['600 functions', '(unknown) unsupported', `select ${many('abs(', 600)}1${many(')', 600)}`],
  ['more relations than may be', '(unknown) unsupported', unions(201)],
  ['no SQL', '(unknown) unparsable', 'selec * from users'],
  ['an open quote', '(unknown) unparsable', `select 'x`],
  ['a NUL', '(unknown) unparsable', `select id from users where tenant_id = ${key}\0 or true`, 2],
  [
    'half a character',
    '(unknown) unparsable',
    `select '\ud800' from users where tenant_id = ${key}`,
    2,
  ],
  ['half a character in escapes', '(unknown) unparsable', `select U&'\\d800' from users`],
  ['a NUL in escapes', '(unknown) unparsable', `select id from docs where owner = E'acme\\0'`],
  ['a NUL in a value', 'Doc foreign_value', 'select id from docs where owner = $1', 'acme\0'],
  [
    'half a character in a value',
    'Doc foreign_value',
    'select id from docs where owner = $1',
    'acme\ud800',
  ],
  ['one longer than the cap', '(unknown) unparsable', 'select 1'.padEnd(65_537)],
  ['longer than the cap', '(unknown) unparsable', `select ${many('1, ', 30_000)} 1 from users`],
  ['10 000 brackets', '(unknown) unparsable', `select ${many('(', 10_000)}1${many(')', 10_000)}`],
  ['10 000 NOTs', '(unknown) unparsable', `select ${many('not ', 10_000)}true`],
  ['10 000 signs', '(unknown) unparsable', `select ${many('- ', 10_000)}1`],
  ['10 000 casts', '(unknown) unparsable', `select 1${many('::int', 10_000)}`],
  ['a sum of 20 000', '(unknown) unparsable', `select ${many('1+', 20_000)}1`],
  [
    '5 000 subqueries',
    '(unknown) unparsable',
    `select ${many('(select ', 5000)}1${many(')', 5000)}`,
  ],
  [
    '3 000 CASEs',
    '(unknown) unparsable',
    `select ${many('case when true then ', 3000)}1${many(' end', 3000)}`,
  ],
  [
    '3 000 columns of one source',
    '(unknown) unparsable',
    `update users set (${many('name, ', 3000)}name) = (select ${many('1, ', 3000)}1) where tenant_id = $1`,
    2,
  ],
  ['3 000 unions', '(unknown) unparsable', `select 1${many(' union select 1', 3000)}`],
  ['1 500 brackets', '(unknown) unparsable', `select ${many('abs(', 1500)}1${many(')', 1500)}`],
  [
    '1 500 relations',
    '(unknown) unsupported',
    `select 1 from countries${many(', countries', 1500)}`,
  ],
  ['a chain of WITH that doubles', '(unknown) unsupported', doubling(20)],
  [
    'a long insert with a union',
    '(unknown) unsupported',
    `${longInsert} union all select 1, 2`,
    ...owners(30),
  ],
]

/** Each query of WITH reads the one before twice. */
function doubling(depth: number): string {
  const queries = Array.from({ length: depth }, (_, i) =>
    i === 0 ? 'q0 as (select 1 as x)' : `q${i} as (select a.x from q${i - 1} a, q${i - 1} b)`,
  )
  return `with ${queries.join(', ')} select * from q${depth - 1}`
}
