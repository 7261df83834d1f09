import { field, resultOf, type ViolationAnswer } from './rollout-answers.ts'
import { operatorName } from './steps.ts'
import type { Story } from './story.ts'

/** Every logged violation since the story began, by signature. */
export async function listViolations(story: Story): Promise<readonly ViolationAnswer[]> {
  const argv = ['violations', 'list', '--since', '90d', '--limit', '10000']
  await story.fleet.flush()
  story.page.command(argv)
  const { said } = await story.operator.ask(argv)
  // Its shape is documented by the command.
  return (field(resultOf(said), 'violations') ?? []) as readonly ViolationAnswer[]
}

/** A person looks at every blocked query that nobody has judged yet, and calls it a real leak. */
export async function triageAll(story: Story, reason: string): Promise<number> {
  const { operator, page } = story
  const { said } = await operator.ask(['violations', 'list', '--blocked', '--limit', '1000'])
  const blocked = (field(resultOf(said), 'blocked') ?? []) as readonly {
    readonly id: string
    readonly ruling: string
  }[]
  const open = blocked.filter(({ ruling }) => ruling === 'open')
  const triage = (id: string): readonly string[] => [
    'violations',
    'triage',
    id,
    '--as',
    'legitimate',
    '--actor',
    operatorName,
    '--reason',
    reason,
  ]
  // One after the other: each is a record of its own.
  for (const [index, { id }] of open.entries()) {
    if (index === 0) page.command(triage(id))
    await operator.ask(triage(id))
  }
  page.step(`${open.length} blocked signatures triaged as real leaks`)
  return open.length
}
