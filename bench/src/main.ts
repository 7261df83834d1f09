import { writeFileSync } from 'node:fs'
import { contextCases } from './context.ts'
import { counterCases } from './counters.ts'
import { decisionCases } from './decision.ts'
import { measureMemory, renderMemory } from './memory.ts'
import { proofCases } from './proof.ts'
import { asked, isShort } from './run.ts'
import { measureSelects, renderSelects } from './select.ts'
import { ofCases, planned, type Suite } from './suite.ts'
import { machine } from './table.ts'

const sql = 'sql'

const suites: readonly Suite[] = [
  ofCases('Context: run and read', contextCases, { name: 'context' }),
  ofCases('Decision: what to do about one violation', decisionCases, { name: 'decision' }),
  ofCases('Counters: one update, without a scrape', counterCases, { name: 'counters' }),
  ofCases('SQL guard: one proof', proofCases, { name: 'proof', group: sql }),
  planned({
    name: 'select',
    group: sql,
    how: 'All rows in one process, on one server',
    parts: [measureSelects],
    render: renderSelects,
  }),
  planned({
    name: 'memory',
    group: sql,
    how: 'In a process of its own',
    parts: [measureMemory],
    render: renderMemory,
  }),
]

const [word, part] = asked
const chosen = suites.filter(
  ({ name, group }) => word === undefined || [name, group].includes(word),
)

if (chosen.length === 0) {
  const words = [...new Set(suites.flatMap(({ name, group }) => [group ?? name, name]))]
  console.error(`no suite ${word}: ask for one of ${words.join(', ')}, or for nothing to run all`)
  process.exit(1)
}

if (part !== undefined) {
  process.stdout.write(JSON.stringify(await chosen[0]?.measure(Number(part))))
  // A server that was started for it ends with this process.
  process.exit(0)
}

for (const { name, group, how, report } of chosen) {
  const command = `pnpm bench ${group ?? name}`
  const page = `${report()}\n${machine(new Date())}. ${how}: \`${command}\`\n`
  console.log(page)
  if (!isShort) writeFileSync(`results/${name}.md`, page)
}
