import { writeFileSync } from 'node:fs'
import { type Case, measureAlone, measureHere } from './alone.ts'
import { contextCases } from './context.ts'
import { counterCases } from './counters.ts'
import { decisionCases } from './decision.ts'
import { proofCases, selectCases } from './sql.ts'
import { machine, renderTable } from './table.ts'

const suites: Readonly<
  Record<string, { readonly title: string; readonly cases: readonly Case[] }>
> = {
  context: { title: 'Context: run and read', cases: contextCases },
  decision: { title: 'Decision: what to do about one violation', cases: decisionCases },
  proof: { title: 'SQL guard: one proof', cases: proofCases },
  select: { title: 'SQL guard: a whole select by primary key', cases: selectCases },
  counters: { title: 'Counters: one update, without a scrape', cases: counterCases },
}

const [suite, index] = process.argv.slice(2)
const single = suites[suite ?? '']?.cases[Number(index)]

if (single !== undefined) {
  process.stdout.write(JSON.stringify(await measureHere(single)))
  // A server that was started for it ends with this process.
  process.exit(0)
} else {
  for (const [name, { title, cases }] of Object.entries(suites)) {
    const table = renderTable(title, measureAlone(name, cases))
    console.log(table)
    const where = `${machine(new Date())}. Each row in a process of its own: \`pnpm bench\``
    writeFileSync(`results/${name}.md`, `${table}\n${where}\n`)
  }
}
