// Judges the corpus by programs that scripts/sql-rules.mjs builds, one after another: the parser is
// loaded once, and each text is parsed once.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [home, cataloguesFile] = process.argv.slice(2)
const parser = await import(
  pathToFileURL(createRequire(`${home}/package.json`).resolve('libpg-query'))
)
await parser.loadModule()

function remembering(read) {
  const known = new Map()
  return (text) => {
    let answer = known.get(text)
    if (answer === undefined) {
      try {
        answer = { value: frozen(read(text)) }
      } catch (error) {
        answer = { error }
      }
      known.set(text, answer)
    }
    if (answer.error !== undefined) throw answer.error
    return answer.value
  }
}

function frozen(value) {
  if (typeof value === 'object' && value !== null) {
    for (const each of Object.values(value)) frozen(each)
    Object.freeze(value)
  }
  return value
}

globalThis.partywallParser = {
  ...parser,
  loadModule: async () => {},
  parseSync: remembering(parser.parseSync),
  scanSync: remembering(parser.scanSync),
}
const catalogues = frozen(JSON.parse(readFileSync(cataloguesFile, 'utf8')))

process.on('message', (program) => {
  void judge(program)
    .catch((error) => `failed: ${error?.stack ?? error}`)
    .then((said) => process.send(said))
})

/** The first difference, or nothing. */
async function judge(program) {
  const { misjudged } = await import(program)
  for await (const difference of misjudged(catalogues)) return difference
  return ''
}
process.send('ready')
