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

/** How the command ends when somebody else's record came first. */
const superseded = 3

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
  const [first] = open
  if (first !== undefined) page.command(triage(first.id))
  const waiting = open.map(({ id }) => id)
  const work = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const { exitCode } = await operator.ask(triage(id))
      // Each is a record of its own: of two at once, one is told to come again.
      if (exitCode === superseded) waiting.push(id)
    }
  }
  await Promise.all([work(), work()])
  page.step(`${open.length} blocked signatures triaged as real leaks`)
  return open.length
}
