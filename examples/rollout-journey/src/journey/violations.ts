import { field, resultOf, type ViolationAnswer } from './rollout-answers.ts'
import { operatorName } from './steps.ts'
import type { Story } from './story.ts'

/** Every logged violation since the story began, by signature. */
export async function listViolations(story: Story): Promise<readonly ViolationAnswer[]> {
  await story.fleet.flush()
  const argv = ['violations', 'list', '--since', '90d', '--limit', '10000']
  story.page.command(argv)
  const result = await listed(story, argv)
  // Its shape is documented by the command.
  return (field(result, 'violations') ?? []) as readonly ViolationAnswer[]
}

/** How many violations are of a sort. */
export function countOf(
  violations: readonly ViolationAnswer[],
  isMeant: (violation: ViolationAnswer) => boolean,
): number {
  return violations.filter(isMeant).reduce((sum, { count }) => sum + count, 0)
}

/** How the command ends when somebody else's record came first. */
const superseded = 3

/** A person looks at every blocked query that nobody has judged yet, and calls it a real leak. */
export async function triageAll(story: Story, reason: string): Promise<number> {
  const { operator, page, assertions } = story
  const result = await listed(story, ['violations', 'list', '--blocked', '--limit', '1000'])
  const blocked = (field(result, 'blocked') ?? []) as readonly {
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
  const failed: string[] = []
  const work = async (): Promise<void> => {
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const { exitCode, said } = await operator.ask(triage(id))
      // Each is a record of its own: of two at once, one is told to come again.
      if (exitCode === superseded) waiting.push(id)
      else if (exitCode !== 0) failed.push(`exit code ${exitCode}: ${JSON.stringify(said)}`)
    }
  }
  await Promise.all([work(), work()])
  assertions.expect(
    'every blocked signature is triaged as a real leak',
    open.length > 0 && failed.length === 0,
    failed.length === 0 ? `${open.length} signatures` : failed.join('; '),
  )
  return open.length
}

async function listed({ operator, assertions }: Story, argv: readonly string[]): Promise<unknown> {
  const { exitCode, said } = await operator.ask(argv)
  if (exitCode !== 0) {
    const detail = `exit code ${exitCode}: ${JSON.stringify(said)}`
    assertions.expect(`partywall ${argv.slice(0, 2).join(' ')} succeeds`, false, detail)
  }
  return resultOf(said)
}
