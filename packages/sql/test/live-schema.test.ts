import { liveSchema } from '@partywall/sql'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readCatalogues } from './corpus/catalogues.ts'
import { databases } from './corpus/live/databases.ts'
import { misjudged } from './corpus/misjudged.ts'
import { reportedIn, violationsIn } from './judge.ts'
import { declared, type LiveWorld, startLiveWorld } from './live-world.ts'

let world: LiveWorld
beforeAll(async () => {
  world = await startLiveWorld()
})
afterAll(async () => {
  await world.stop()
})

describe('in another database', () => {
  // mutation src/translate/type-cast.ts: const domain = schema.domain(named) => const domain = isOwn ? undefined : schema.domain(named)
  // mutation src/translate/function-call.ts: refuseStoredCode(schema.routineCode(called), place.translation) => void schema
  // mutation src/schema/named-types.ts: const bringer = bringers.get(schema === undefined ? name : `${schema}.${name}`) => const bringer = extensions[0]?.name
  // mutation src/schema/user-casts.ts: (visible && declared.declaresFunction(bare)) => declared.declaresFunction(bare)
  // mutation src/schema/user-casts.ts: return isHarmful(cast.function) => return isHarmful('')
  // mutation src/schema/extension-bodies.ts: is null then not ${isKnownText} => is null then false
  // mutation src/schema/extension-bodies.ts: is null then not ${isKnownText} => is null then true
  // mutation src/schema/extension-bodies.ts: and t.objid = p.oid and t.refclassid => and false and t.refclassid
  // mutation src/schema/extension-bodies.ts: array[${oidOf('pg_proc')}, ${oidOf('pg_operator')}] => array[${oidOf('pg_proc')}]
  // mutation src/schema/extension-bodies.ts: array[${oidOf('pg_proc')}, ${oidOf('pg_operator')}] => array[${oidOf('pg_operator')}]
  // mutation src/schema/extension-bodies.ts: (not ${isMember('pg_proc', 'p.oid')} => (false
  // mutation src/schema/type-queries.ts: or ${extensionOf('pg_proc', 'p.oid')} is not null => or true
  it.each(databases.map((each) => [each.why, each] as const))(
    'reads %s',
    async (_, { change, declared: tables, contradicts, reports = [] }) => {
      const catalogue = await world.catalogueAfter(change)
      if (contradicts !== undefined) {
        expect(() => liveSchema(tables, catalogue)).toThrow(contradicts)
        return
      }
      const schema = liveSchema(tables, catalogue)
      const found = reports.map(([why, , text, ...values]) => [
        why,
        reportedIn(schema, text, values),
      ])
      expect(found).toEqual(reports.map(([why, reported]) => [why, reported]))
    },
  )
})

describe('rows that belong to the owner of the row that they refer to', () => {
  it('refuses them without a catalogue', () => {
    const text =
      'select p.body from pages p join books b on b.id = p.book_id where b.tenant_id = $1'
    expect(violationsIn(declared, text, ['acme']).map(({ model }) => model)).toEqual(['Page'])
  })

  it('refuses to insert without a catalogue, however it is written', () => {
    for (const text of [
      'insert into pages (id, book_id) values (50, 11)',
      `insert into pages (id, book_id) values (11, 11) on conflict (id) do update set body = 'x'`,
      `insert into pages (id, book_id, body) select 60, 11, 'x'`,
    ]) {
      expect(violationsIn(declared, text, [])).toHaveLength(1)
    }
  })
})

it('tells kinds, reasons and transactions as the corpus says', async () => {
  const found: string[] = []
  for await (const each of misjudged(await readCatalogues())) found.push(each)
  expect(found).toEqual([])
}, 120_000)
