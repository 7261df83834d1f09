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

/** A person looks at every blocked query that nobody has judged yet, and calls it a real leak. */
export async function triageAll(story: Story, reason: string): Promise<number> {
  const { operator, page, assertions } = story
  const result = await listed(story, ['violations', 'list', '--blocked', '--limit', '1000'])
  const blocked = (field(result, 'blocked') ?? []) as readonly {
    readonly id: string
    readonly ruling: string
  }[]
  const open = blocked.filter(({ ruling }) => ruling === 'open')
  const ids = open.map(({ id }) => id)
  const by = ['--as', 'legitimate', '--actor', operatorName, '--reason', reason]
  const argv = ['violations', 'triage', ...ids, ...by]
  page.command(argv)
  const { exitCode, said } = await operator.ask(argv)
  assertions.expect(
    'every blocked signature is triaged as a real leak',
    open.length > 0 && exitCode === 0,
    exitCode === 0 ? `${open.length} signatures` : `exit code ${exitCode}: ${JSON.stringify(said)}`,
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
