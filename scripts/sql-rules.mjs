// Shows that each rule of the SQL proof is there for a statement: breaks the sources in every way
// that scripts/sql-mutants.mjs knows, one at a time, and expects the corpus to notice.
//
//   pnpm rules:sql                    all of them
//   pnpm rules:sql proof/facts some   only those whose file, function or change holds each word
//   pnpm rules:sql --fuzz             survivors that nobody has explained meet random statements, too
//
// A survivor is explained in scripts/sql-rules-equivalent.json, or wants a case in packages/sql/test/corpus.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { createJudge, runOnce } from './sql-judges.mjs'
import { mutantsOf } from './sql-mutants.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const home = join(root, 'packages', 'sql')
/** Both come with the tools of the tests. */
const requireFrom = (path) => createRequire(createRequire(join(root, path)).resolve('vitest'))
const { parseAst } = await import(requireFrom('package.json').resolve('vite'))
const { context } = createRequire(join(root, 'packages/testing/package.json'))('esbuild')

const room = join(home, 'node_modules', '.cache', `sql-rules-${process.pid}`)
mkdirSync(room, { recursive: true })
process.on('exit', () => rmSync(room, { recursive: true, force: true }))
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
]) {
  process.on(signal, () => process.exit(code))
}

const fuzzTimeoutMs = 120_000

const cataloguesFile = join(room, 'catalogues.json')
const catalogues = JSON.stringify(cataloguesFile)
const programs = {
  read: `import { writeFileSync } from 'node:fs'
    import { readCatalogues } from './corpus/catalogues.ts'
    writeFileSync(${catalogues}, JSON.stringify(await readCatalogues()))
    process.send('')`,
  judge: `export { misjudged } from './corpus/misjudged.ts'`,
  fuzz: `import { compare } from './interference.ts'
    import { violationsIn } from './judge.ts'
    import { seeded } from './random.ts'
    import { randomStatement } from './random-sql.ts'
    import { schema, startWorlds } from './world.ts'
    const worlds = await startWorlds()
    const random = seeded(7)
    let found = ''
    for (let accepted = 0; accepted < 600 && found === ''; ) {
      const isLive = accepted % 2 === 1
      const { text, values } = randomStatement(random, isLive)
      if (violationsIn(isLive ? worlds.live : schema, text, values).length > 0) continue
      accepted += 1
      const { leak } = await compare(worlds, text, values)
      if (leak !== undefined) found = text
    }
    await worlds.stop()
    process.send(found)`,
}

/** Every source as it was when it was first read: the tree may change while this runs. */
const sources = new Map()
function sourceOf(file) {
  if (!sources.has(file)) sources.set(file, readFileSync(file, 'utf8'))
  return sources.get(file)
}

const noServer = 'export default {}; export const startPostgres = undefined'
const parser = createRequire(join(home, 'package.json')).resolve('libpg-query')
const parserNames = Object.keys(await import(pathToFileURL(parser))).filter(
  (name) => name !== 'default',
)
const rememberingParser = `export const { ${parserNames.join(', ')} } = globalThis.partywallParser`

/** Builds programs out of the sources, one of them with a change. */
async function builder(name, { stubbed }) {
  let changed = { file: '', text: '' }
  const outfile = join(room, `${name}.mjs`)
  const plugin = {
    name: 'sources',
    setup(build) {
      build.onLoad({ filter: /\/packages\/[^/]+\/(?:src|test)\/.*\.ts$/ }, ({ path }) => ({
        contents: path === changed.file ? changed.text : sourceOf(path),
        loader: 'ts',
      }))
      // What judges statements has no use for servers, and a parser of its own.
      if (!stubbed) return
      build.onResolve({ filter: /^(?:pg|libpg-query|@partywall\/testing)$/ }, ({ path }) => ({
        path,
        namespace: 'stub',
      }))
      build.onLoad({ filter: /.*/, namespace: 'stub' }, ({ path }) => ({
        contents: path === 'libpg-query' ? rememberingParser : noServer,
      }))
    },
  }
  const made = await context({
    stdin: { contents: programs[name.split('-')[0]], resolveDir: join(home, 'test'), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@partywall/source'],
    external: ['libpg-query', 'pg'],
    outfile,
    logLevel: 'silent',
    plugins: [plugin],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  })
  return {
    outfile,
    /** What is wrong with the change, where it does not even build. */
    async build({ file = '', text = '' }) {
      changed = { file, text }
      return made.rebuild().then(
        () => undefined,
        (error) => `does not build: ${error.message}`,
      )
    },
    dispose: () => made.dispose(),
  }
}

const folders = ['parse', 'translate', 'proof', 'schema']
/** No rule of the proof stands in these: they have tests of their own. */
const others = new Set(
  [
    'watch-catalogue generate-schema derive-schema split-statements',
    // Lists of names: what is on them is decided, not proved.
    'extension-code trusted-extensions',
    // A bound: what meets it is in test/effort.test.ts.
    'effort',
    // What people are told of a proof decides nothing: test/explain-proof.test.ts.
    'explain-proof comparisons mentions obstacle-words',
  ].flatMap((names) => names.split(' ').map((name) => `${name}.ts`)),
)
const files = folders.flatMap((folder) =>
  readdirSync(join(home, 'src', folder))
    .filter((name) => !others.has(name))
    .map((name) => join(home, 'src', folder, name)),
)

const options = process.argv.slice(2)
const wantsFuzz = options.includes('--fuzz')
const wanted = options.filter((word) => !word.startsWith('--'))
const mutants = files
  .flatMap((file) => {
    const name = relative(join(home, 'src'), file)
    const source = sourceOf(file)
    return mutantsOf(parseAst(source, { lang: 'ts' }), source).map((mutant) => ({
      ...mutant,
      file,
      name,
    }))
  })
  .filter(({ name, inside, find, replace, line }) => {
    const text = [`${name}:${line}`, inside, find, replace].join(' ')
    return wanted.every((word) => text.includes(word))
  })

/** Changes that nothing can notice, each with the reason. */
const explained = JSON.parse(readFileSync(join(root, 'scripts/sql-rules-equivalent.json'), 'utf8'))
const used = new Set()
function reasonOf({ name, inside, find, replace }) {
  const entry = explained.find(
    (each) =>
      each.file === name &&
      each.in === inside &&
      each.find === find &&
      (each.replace === undefined || each.replace === replace),
  )
  if (entry !== undefined) used.add(entry)
  return entry?.reason
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exit(1)
}

const reader = await builder('read', { stubbed: false })
const broken = await reader.build({})
const { ended } = await runOnce(reader.outfile, 120_000)
await reader.dispose()
if (broken !== undefined || ended !== undefined) fail(`no catalogues: ${broken ?? ended}`)

function lineOf({ name, line, inside, find, replace }) {
  return `✗ ${name}:${line} ${inside}: ${find} => ${replace}`
}

const survivors = []
let killed = 0
let explainedCount = 0
let tried = 0
const queue = [...mutants]
async function work(number) {
  const { build, outfile, dispose } = await builder(`judge-${number}`, { stubbed: true })
  const { begin, judge, replace } = createJudge({ outfile, home, catalogues: cataloguesFile })
  const wrong = (await build({})) ?? (await begin())
  if (wrong !== '') fail(`the corpus is misjudged without any change: ${wrong}`)
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const source = sourceOf(next.file)
    const text = source.slice(0, next.start) + next.text + source.slice(next.end)
    const difference = (await build({ file: next.file, text })) ?? (await judge())
    if (next.name.startsWith('parse/')) replace()
    tried += 1
    if (tried % 200 === 0) process.stderr.write(`${tried} of ${mutants.length} tried\n`)
    if (difference !== '') killed += 1
    else if (reasonOf(next) !== undefined) explainedCount += 1
    else {
      survivors.push({ ...next, text })
      process.stderr.write(`${lineOf(next)}\n`)
    }
  }
  await dispose()
}
const workers = Math.min(availableParallelism(), 2)
await Promise.all(Array.from({ length: workers }, (_, number) => work(number)))

if (wantsFuzz && survivors.length > 0) {
  const fuzz = await builder('fuzz', { stubbed: false })
  for (const survivor of [...survivors]) {
    await fuzz.build(survivor)
    const { said } = await runOnce(fuzz.outfile, fuzzTimeoutMs)
    if (said === '') continue
    survivors.splice(survivors.indexOf(survivor), 1)
    killed += 1
    process.stdout.write(`by a random statement: ${survivor.name}:${survivor.line} ${said}\n`)
  }
  await fuzz.dispose()
}

survivors.sort((a, b) => a.name.localeCompare(b.name) || a.start - b.start)
for (const survivor of survivors) process.stdout.write(`${lineOf(survivor)}\n`)
const stale = wanted.length > 0 ? [] : explained.filter((entry) => !used.has(entry))
for (const { file, find } of stale) {
  process.stdout.write(`✗ explained, and no survivor: ${file}: ${find}\n`)
}
process.stdout.write(
  `${mutants.length} mutants: ${killed} killed, ${survivors.length + explainedCount} survived, ${explainedCount} of them explained\n`,
)
writeFileSync(
  join(root, 'node_modules', '.cache', 'sql-rules.json'),
  JSON.stringify(survivors, null, 1),
)
process.exit(survivors.length > 0 || stale.length > 0 || mutants.length === 0 ? 1 : 0)
