import { writeFileSync } from 'node:fs'
import { benchContext } from './context.ts'
import { machine } from './table.ts'

const results: readonly (readonly [string, () => Promise<string>])[] = [['context', benchContext]]

for (const [name, run] of results) {
  const table = await run()
  console.log(table)
  writeFileSync(
    `results/${name}.md`,
    `${table}\n${machine(new Date())}. \`pnpm --filter bench start\`\n`,
  )
}
