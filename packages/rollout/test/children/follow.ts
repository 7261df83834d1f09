// A service that follows a flag file and says what it hears, until its input ends.
import { createRollout } from '@partywall/rollout'

const [flagFile = ''] = process.argv.slice(2)
const rollout = createRollout({
  models: { User: 'CRITICAL', Role: 'HIGH' },
  environment: {},
  flagFile,
  onProblem: ({ code }) => process.stdout.write(`${code} ${rollout.snapshot().mode}\n`),
})
process.stdout.write(`started ${rollout.snapshot().mode}\n`)
process.stdin.resume().on('end', () => rollout.close())
