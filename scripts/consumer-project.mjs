// An empty project of a user who installed the tarballs, and the programs in it: the first example of
// each README as it is written, and one that loads every entry point.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** `@partywall/sql`, `@partywall/sql/pg`, … */
function entriesOf({ manifest }) {
  return Object.keys(manifest.exports ?? {})
    .filter((path) => !path.endsWith('.json'))
    .map((path) => manifest.name + path.slice(1))
}

/** Every entry point loads, exports something, and `require` and `import` give the same thing. */
const sameThing = `
const missing = []
for (const [name, required, imported] of loaded) {
  const names = Object.keys(required).filter((key) => key !== '__esModule' && key !== 'default')
  if (names.length === 0) missing.push(name + ' exports nothing')
  for (const key of names) if (required[key] !== imported[key]) missing.push(name + ' has two ' + key)
}
if (missing.length > 0) throw new Error(missing.join(', '))
`

/** The programs by kind of module and file name. */
export function programsFor(packages) {
  const entries = packages.flatMap(entriesOf)
  const esm = {
    'entries.ts': esmEntries(entries),
    ...(entries.includes('@partywall/sql/postgres') ? { 'doors.ts': doors } : {}),
    ...examples(packages),
  }
  return { esm, cjs: { 'entries.ts': cjsEntries(entries) } }
}

/** One guard behind each door; DATABASE_URL names the server. */
const doors = `
import { runWithTenant } from '@partywall/context'
import { createGuard, defineTenantSchema, liveSchema, loadCatalogue, owner } from '@partywall/sql'
import { guardPostgresDialect } from '@partywall/sql/kysely'
import { guardPool } from '@partywall/sql/pg'
import { guardPostgres } from '@partywall/sql/postgres'
import { withTenantTransaction } from '@partywall/sql/row-security'
import { Kysely } from 'kysely'
import pg from 'pg'
import postgres from 'postgres'

interface Database {
  orders: { id: number; tenant_id: string }
}
const raw = new pg.Pool({ connectionString: process.env['DATABASE_URL'] })
await raw.query(\`create table orders (id int, tenant_id text not null);
  insert into orders values (1, 'acme'), (2, 'globex')\`)
const declared = defineTenantSchema<Database>({ orders: owner('tenant_id', { model: 'Order' }) })
const guard = await createGuard(liveSchema(declared, await loadCatalogue(raw)))

const { host, port, user, password, database } = new pg.Client({
  connectionString: process.env['DATABASE_URL'],
})
const pool = guardPool(raw, guard)
const db = new Kysely<Database>({
  dialect: guardPostgresDialect({ pool: new pg.Pool({ connectionString: process.env['DATABASE_URL'] }) }, guard),
})
const sql = guardPostgres(
  postgres({ host, port, username: user ?? '', database: database ?? '', ...(password ? { password } : {}) }),
  guard,
)
const own: Record<string, () => PromiseLike<unknown>> = {
  pg: async () => (await pool.query('select id from orders where tenant_id = $1', ['acme'])).rows,
  kysely: () => db.selectFrom('orders').select('id').where('tenant_id', '=', 'acme').execute(),
  postgres: () => sql\`select id from orders where tenant_id = \${'acme'}\`,
  told: () =>
    withTenantTransaction(
      pool,
      async (client) => (await client.query('select id from orders where tenant_id = $1', ['acme'])).rows,
    ),
}
const open: Record<string, () => PromiseLike<unknown>> = {
  pg: () => pool.query('select id from orders'),
  kysely: () => db.selectFrom('orders').select('id').execute(),
  postgres: () => sql\`select id from orders where tenant_id = \${'globex'}\`,
}
await runWithTenant({ tenantId: 'acme', env: 'prod' }, async () => {
  for (const [name, run] of Object.entries(own)) {
    const seen = JSON.stringify(await run())
    if (seen !== '[{"id":1}]') throw new Error(name + ' saw ' + seen)
  }
  for (const [name, run] of Object.entries(open)) {
    const refusal = await run().then(
      () => 'nothing',
      (error: Error) => error.message,
    )
    if (refusal !== 'TENANT_CONTEXT_REQUIRED: Order') throw new Error(name + ' said ' + refusal)
  }
})
await Promise.all([pool.end(), db.destroy(), sql.end()])
`

function esmEntries(entries) {
  const imports = entries.map((entry, at) => `import * as m${at} from '${entry}'`)
  const loaded = entries.map((entry, at) => `['${entry}', require('${entry}'), m${at}]`)
  return [
    "import { createRequire } from 'node:module'",
    ...imports,
    'const require = createRequire(import.meta.url)',
    `const loaded: [string, Record<string, unknown>, Record<string, unknown>][] = [${loaded.join(', ')}]`,
    sameThing,
  ].join('\n')
}

function cjsEntries(entries) {
  const imports = entries.map((entry, at) => `import m${at} = require('${entry}')`)
  const loaded = entries.map((entry, at) => `['${entry}', m${at}, await import('${entry}')]`)
  return [
    "import context = require('@partywall/context')",
    ...imports,
    'async function main(): Promise<void> {',
    `const loaded: [string, Record<string, unknown>, Record<string, unknown>][] = [${loaded.join(', ')}]`,
    sameThing,
    "const imported = await import('@partywall/context')",
    "const seen = context.runWithTenant({ tenantId: 'acme', env: 'dev' }, () => imported.requireTenant().tenantId)",
    "if (seen !== 'acme') throw new Error('the tenant is lost between require and import')",
    '}',
    'main().catch((error) => { console.error(error); process.exitCode = 1 })',
    '',
  ].join('\n')
}

/** The first example of each README, as it is written. */
function examples(packages) {
  const found = packages.map((each) => [`${each.folder}.ts`, firstBlock(each, 'ts')])
  return Object.fromEntries(found.filter(([, code]) => code !== undefined))
}

function firstBlock({ home }, language) {
  const readme = join(home, 'README.md')
  const text = existsSync(readme) ? readFileSync(readme, 'utf8') : ''
  return new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(text)?.[1]
}

/** What examples need beside the packages and their peers. */
export function toolsFor(peers) {
  const prisma = peers['@prisma/client']
  return prisma === undefined ? {} : { prisma, '@prisma/adapter-pg': prisma }
}

/**
 * The Prisma schema that a README shows, as this version takes it; `undefined` where none does. The
 * README is written for Prisma 7: before it the URL stood in the schema, and the engine was another.
 */
export function prismaSchema(packages, peers) {
  const [schema] = packages.flatMap((each) => firstBlock(each, 'prisma') ?? [])
  if (!peers['@prisma/client']?.startsWith('6.')) return schema
  return schema
    ?.replace(/^datasource .*\{$/m, '$&\n  url = env("DATABASE_URL")')
    .replace(/^generator .*\{$/m, '$&\n  engineType = "client"')
}

const compilerOptions = {
  target: 'es2022',
  lib: ['es2023'],
  module: 'nodenext',
  moduleResolution: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  // Third parties' declarations do not all compile; ours are compiled by every program here.
  skipLibCheck: true,
  rootDir: '.',
  outDir: 'out',
  // Examples import what is generated for them as it is called.
  rewriteRelativeImportExtensions: true,
}

/** Writes the project; nothing is installed yet. */
export function writeProject(home, dependencies, programs) {
  mkdirSync(home)
  write(join(home, 'package.json'), { private: true, dependencies })
  for (const [kind, files] of Object.entries(programs)) {
    mkdirSync(join(home, kind))
    write(join(home, kind, 'package.json'), { type: kind === 'esm' ? 'module' : 'commonjs' })
    write(join(home, kind, 'tsconfig.json'), { compilerOptions, include: ['*.ts'] })
    for (const [name, code] of Object.entries(files)) writeFileSync(join(home, kind, name), code)
  }
  const bundler = { module: 'esnext', moduleResolution: 'bundler', noEmit: true }
  write(join(home, 'esm', 'tsconfig.bundler.json'), {
    compilerOptions: { ...compilerOptions, ...bundler },
    include: ['*.ts'],
  })
}

function write(file, content) {
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`)
}
